package register

import (
	"rasad/city"
	"rasad/entry"
	"rasad/measure"
)

func (o *oracle) onPerson(a *entry.Act) string {
	p := o.person(a.On)
	admins, owner := 0, ""
	for _, x := range o.people {
		if x.profile.Role == city.RoleAdmin && !x.ended {
			admins++
		}
		for _, login := range x.logins {
			if a.Person != nil && login == a.Person.Login {
				owner = x.id
			}
		}
	}
	if a.Do == entry.DoAddPerson {
		switch {
		case p != nil:
			return measure.RefusedAlready
		case owner != "":
			return measure.RefusedTaken
		}
		o.people = append(o.people, &oraclePerson{id: a.On, hash: a.Hash, profile: *a.Person, logins: []string{a.Person.Login}, version: 1})
		return ""
	}
	last := p != nil && p.profile.Role == city.RoleAdmin && admins == 1
	switch {
	case p == nil || p.ended:
		return measure.RefusedNoPerson
	case a.Expects != 0 && a.Expects != p.version:
		return measure.RefusedChanged
	case a.Do == entry.DoChangePerson && owner != "" && owner != p.id:
		return measure.RefusedTaken
	case last && (a.Do == entry.DoEndPerson || a.Do == entry.DoChangePerson && a.Person.Role != city.RoleAdmin):
		return measure.RefusedLastAdmin
	}
	switch a.Do {
	case entry.DoChangePerson:
		p.profile = *a.Person
		p.logins = append(p.logins, a.Person.Login)
	case entry.DoPassword:
		p.hash = a.Hash
	case entry.DoEndPerson:
		p.ended = true
	default:
	}
	p.version++
	o.keepSessions(func(s oracleSession) bool { return s.person != p.id })
	return ""
}

func (o *oracle) keepSessions(keep func(oracleSession) bool) {
	var rest []oracleSession
	for _, s := range o.sessions {
		if keep(s) {
			rest = append(rest, s)
		}
	}
	o.sessions = rest
}

func (o *oracle) onSession(a *entry.Act) string {
	known := false
	for _, s := range o.sessions {
		known = known || s.id == a.On
	}
	switch a.Do {
	case entry.DoRefuse:
		o.refused++
	case entry.DoSignIn:
		p := o.person(a.By)
		if p == nil || p.ended {
			return measure.RefusedNoPerson
		}
		if known {
			return measure.RefusedAlready
		}
		o.keepSessions(func(s oracleSession) bool { return s.ends == 0 || s.ends > a.At })
		o.sessions = append(o.sessions, oracleSession{a.On, a.By, a.Ends})
	case entry.DoSignOut:
		if !known {
			return measure.RefusedNotFound
		}
		o.keepSessions(func(s oracleSession) bool { return s.id != a.On })
	default:
	}
	return ""
}

func (o *oracle) handOver(a *entry.Act) string {
	switch {
	case o.cities == 0 || a.On != "parks" && a.On != "urban-services":
		return measure.RefusedNotFound
	case a.Expects != 0 && a.Expects != int64(o.handovers[a.On])+1:
		return measure.RefusedChanged
	case a.To != "" && o.answers(a.To, a.On) != "":
		return o.answers(a.To, a.On)
	}
	o.handovers[a.On]++
	return ""
}
