package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"rasad/city"
	"rasad/entry"
)

// demoPeople puts people into a demonstration, so that cases can be somebody's: each
// department has a head and an officer on duty, one for either language. They have
// no password: nobody signs in to a demonstration. A folder that people sign in to is
// refused: everybody on this machine could do everything in it.
func (a *app) demoPeople(ctx context.Context) error {
	if a.register.Admins() > 0 {
		return fmt.Errorf("%w data folder %s: people sign in to it, and to a demonstration nobody does; give it a folder of its own", city.ErrInvalid, a.data)
	}
	if len(a.register.People()) > 0 {
		return nil
	}
	var acts []entry.Entry
	add := func(login, name, lang string, role city.Role, departments ...city.DepartmentID) {
		sum := sha256.Sum256([]byte("demo " + login))
		id := hex.EncodeToString(sum[:6])
		acts = append(acts, &entry.Act{
			ID: "demo-" + id, Do: entry.DoAddPerson, On: "p-" + id, At: city.At(time.Now()), By: "demo",
			Person: &entry.Profile{Login: login, Name: name, Role: role, Departments: departments, Lang: lang},
		})
	}
	for _, d := range a.city.Load().Departments {
		add("head."+string(d.ID), "مدیر "+d.Name.FA, "fa", city.RoleDepartment, d.ID)
		add("duty."+string(d.ID), "Duty officer, "+d.Name.EN, "en", city.RoleDepartment, d.ID)
	}
	add("media", "مسئول دفتر رسانه", "fa", city.RoleMedia)
	add("operator", "راهبر سامانه", "fa", city.RoleOperator)
	pos, err := a.journal.AppendAct(ctx, acts)
	if err != nil {
		return fmt.Errorf("put people into the demonstration: %w", err)
	}
	return a.register.Wait(ctx, pos.Batch)
}
