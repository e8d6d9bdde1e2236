package server

import (
	"net/http"
	"reflect"
)

// The bodies by which people and screens sign in, as signin.go and setup.go read them.
type signInBody struct {
	Login    string `json:"login"`
	Password string `json:"password"`
}

type passwordBody struct {
	Old string `json:"old"`
	New string `json:"new" doc:"at least 10 characters, and not the login"`
}

type displayBody struct {
	Key string `json:"key" doc:"a display token"`
}

type setupBody struct {
	Code     string `json:"code" doc:"from the server's console"`
	Login    string `json:"login"`
	Name     string `json:"name"`
	Password string `json:"password"`
	Lang     string `json:"lang" enum:"fa,en"`
}

type displayAnswer struct {
	Screens []string `json:"screens" doc:"what the token opens"`
}

type nothing struct{}

// sessions declares how people and screens sign in and out.
func (a *api) sessions() {
	who := reflect.TypeFor[sessionView]()
	guess := []int{http.StatusTooManyRequests}
	const tag, path = "session", apiPath + "/session"
	a.tell(ownOperation{http.MethodGet, path, "get-session", tag, "Who the caller is, and the pages that it may open", nil, who, nil})
	a.tell(ownOperation{http.MethodPost, path, "sign-in", tag, "Sign in; the answer sets the cookie", reflect.TypeFor[signInBody](), who, guess})
	a.tell(ownOperation{http.MethodPost, path + "/end", "sign-out", tag, "Sign out", nil, reflect.TypeFor[nothing](), nil})
	a.tell(ownOperation{http.MethodPost, path + "/password", "change-password", tag, "Another password; every other session of the person ends", reflect.TypeFor[passwordBody](), who, guess})
	a.tell(ownOperation{http.MethodPost, path + "/display", "sign-screen-in", tag, "Sign a screen in with its token", reflect.TypeFor[displayBody](), reflect.TypeFor[displayAnswer](), nil})
	a.tell(ownOperation{http.MethodPost, apiPath + "/setup", "set-up", tag, "Make the first admin, from the server's own machine", reflect.TypeFor[setupBody](), who, guess})
}
