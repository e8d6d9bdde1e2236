package server

import (
	"net/http"

	"rasad/city"
)

// A problem is what a sender or a reader is told when something is not as it
// should be.
type problem struct {
	code   string
	status int
	retry  int // seconds until another try makes sense; 0: not by itself
	title  city.Text
	detail city.Text
}

// problems lists every problem. A new one starts with a row here.
func problems() []problem {
	return []problem{
		{
			"invalid", http.StatusBadRequest, 0,
			city.Text{FA: "درخواست نادرست است", EN: "The request is not right"},
			city.Text{FA: "آنچه فرستاده شد پذیرفتنی نیست؛ علت آن به انگلیسی در فیلد cause آمده است.", EN: "What was sent cannot be taken as it is; the field cause says why."},
		},
		{
			"malformed", http.StatusBadRequest, 0,
			city.Text{FA: "درخواست خوانده نشد", EN: "The request cannot be read"},
			city.Text{FA: "ساختار درخواست با HTTP سازگار نیست.", EN: "It is not written as HTTP wants it."},
		},
		{
			"token", http.StatusUnauthorized, 0,
			city.Text{FA: "توکن معتبر لازم است", EN: "A valid token is needed"},
			city.Text{FA: "توکن را در سرآیند Authorization به شکل Bearer rsd_… بفرستید.", EN: "Send the token as Authorization: Bearer rsd_…"},
		},
		{
			"signed_out", http.StatusUnauthorized, 0,
			city.Text{FA: "نخست وارد شوید", EN: "Sign in first"},
			city.Text{FA: "این نشانی تنها برای کسی باز است که وارد شده باشد یا توکن داشته باشد.", EN: "This address is open to those who have signed in, or who send a token."},
		},
		{
			"sign_in", http.StatusUnauthorized, 0,
			city.Text{FA: "ورود انجام نشد", EN: "You are not signed in"},
			city.Text{FA: "نام کاربری یا گذرواژه درست نیست.", EN: "Login or password is not right."},
		},
		{
			"password", http.StatusForbidden, 0,
			city.Text{FA: "گذرواژهٔ کنونی درست نیست", EN: "That is not your password"},
			city.Text{FA: "گذرواژه تغییر نکرد.", EN: "It was not changed."},
		},
		{
			"setup", http.StatusForbidden, 0,
			city.Text{FA: "این کد معتبر نیست", EN: "The code does not hold"},
			city.Text{FA: "آخرین کدی را وارد کنید که در کنسول سرور چاپ شده است؛ هر کد ۱۵ دقیقه اعتبار دارد.", EN: "Type the newest code on the server's console; each holds for 15 minutes."},
		},
		{
			"throttled", http.StatusTooManyRequests, 0,
			city.Text{FA: "کمی صبر کنید", EN: "Wait a little"},
			city.Text{FA: "چند بار پیاپی ورود ناموفق بوده است؛ پس از زمان گفته‌شده دوباره تلاش کنید.", EN: "Signing in has failed several times; try again after the time that is given."},
		},
		{
			"csrf", http.StatusForbidden, 0,
			city.Text{FA: "صفحه را دوباره بارگذاری کنید", EN: "Reload the page"},
			city.Text{FA: "صفحه پیش از آخرین ورود شما باز شده است؛ چیزی تغییر نکرد.", EN: "The page is older than your sign-in; nothing was changed."},
		},
		{
			"denied", http.StatusForbidden, 0,
			city.Text{FA: "اجازهٔ این کار را ندارید", EN: "This is not allowed"},
			city.Text{FA: "شما، یا توکن یا نشانی شما، اجازهٔ این کار را ندارید؛ اگر باید داشته باشید، از مدیر سامانه بخواهید.", EN: "You, or your token or address, may not do that; an admin can let you."},
		},
		{
			"origin", http.StatusForbidden, 0,
			city.Text{FA: "درخواست از سایت دیگری آمده است", EN: "The request comes from another site"},
			city.Text{FA: "صفحه‌های سایت‌های دیگر اجازهٔ این کار را ندارند.", EN: "Pages of other sites may not do that."},
		},
		{
			"not_found", http.StatusNotFound, 0,
			city.Text{FA: "چنین صفحه‌ای نیست", EN: "There is no such page"},
			city.Text{FA: "در این نشانی چیزی نیست.", EN: "Nothing lives at this address."},
		},
		{
			"method", http.StatusMethodNotAllowed, 0,
			city.Text{FA: "این روش پذیرفته نیست", EN: "The method does not fit"},
			city.Text{FA: "این نشانی با این روش HTTP کار نمی‌کند.", EN: "This address does not answer that HTTP method."},
		},
		{
			"changed", http.StatusConflict, 0,
			city.Text{FA: "در این میان تغییر کرده است", EN: "It has changed in the meantime"},
			city.Text{FA: "کار دیگری زودتر ثبت شد؛ آنچه تغییر کرده و نام کسی که آن را تغییر داده در پاسخ آمده است.", EN: "Something else was recorded first; the answer says what, and by whom."},
		},
		{
			"ruled", http.StatusConflict, 0,
			city.Text{FA: "دربارهٔ این مورد تصمیم گرفته شده است", EN: "Somebody has ruled on this already"},
			city.Text{FA: "تصمیم نخست پابرجاست؛ نام تصمیم‌گیرنده و دلیل او در پاسخ آمده است.", EN: "The first ruling holds; the answer says whose it is, and why."},
		},
		{
			"taken", http.StatusConflict, 0,
			city.Text{FA: "این نام کاربری از آن دیگری است", EN: "The login is another person's"},
			city.Text{FA: "نام کاربری هر کس، حتی پس از پایان همکاری، برای همیشه از آن اوست؛ نام دیگری برگزینید.", EN: "A login stays its person's for good, also after that one has gone; choose another."},
		},
		{
			"last_admin", http.StatusConflict, 0,
			city.Text{FA: "تنها مدیر سامانه همین است", EN: "This is the only admin"},
			city.Text{FA: "اگر او کنار برود، دیگر کسی نمی‌تواند به دیگران دسترسی بدهد؛ نخست مدیر دیگری بیفزایید.", EN: "Without one nobody could let anybody in any more; add another admin first."},
		},
		{
			"photo", http.StatusUnprocessableEntity, 0,
			city.Text{FA: "این پرونده عکس نیست", EN: "This file is not a photo"},
			city.Text{FA: "عکس JPEG یا PNG تا ۸ مگابایت و ۴۰ مگاپیکسل بفرستید.", EN: "Send a JPEG or PNG of at most 8 MB and 40 megapixels."},
		},
		{
			"slow", http.StatusRequestTimeout, 0,
			city.Text{FA: "درخواست به‌موقع نرسید", EN: "The request took too long"},
			city.Text{FA: "همهٔ درخواست در زمان مقرر نرسید.", EN: "It did not arrive whole in time."},
		},
		{
			"too_large", http.StatusRequestEntityTooLarge, 0,
			city.Text{FA: "درخواست بزرگ است", EN: "The request is too large"},
			city.Text{FA: "آن را در چند بخش کوچک‌تر بفرستید: تا ۵۰۰۰ قرائت در هر درخواست.", EN: "Send it in smaller parts: up to 5,000 readings each."},
		},
		{
			"encoding", http.StatusUnsupportedMediaType, 0,
			city.Text{FA: "قالب بدنه پشتیبانی نمی‌شود", EN: "The body's form is not supported"},
			city.Text{FA: "بدنه باید application/json باشد، ساده یا با gzip.", EN: "The body must be application/json, plain or gzip."},
		},
		{
			"host", http.StatusMisdirectedRequest, 0,
			city.Text{FA: "این سرور با این نام پاسخ نمی‌دهد", EN: "This server does not answer to that name"},
			city.Text{FA: "نام را به فهرست hosts در پیکربندی بیفزایید.", EN: "Add the name to hosts in the configuration."},
		},
		{
			"upgrade", http.StatusUpgradeRequired, 0,
			city.Text{FA: "اینجا تنها وب‌سوکت پاسخ می‌گیرد", EN: "Only websockets are answered here"},
			city.Text{FA: "اتصال را به‌صورت وب‌سوکت باز کنید.", EN: "Open the connection as a websocket."},
		},
		{
			"quarantine", http.StatusTooManyRequests, 60,
			city.Text{FA: "قرائت‌های نادرست بیش از اندازه‌اند", EN: "Too many readings are wrong"},
			city.Text{FA: "سهم امروز این توکن برای قرنطینه پر شده است؛ بقیه تنها شمرده شد.", EN: "Today's quarantine of this token is full; the rest was only counted."},
		},
		{
			"header", http.StatusRequestHeaderFieldsTooLarge, 0,
			city.Text{FA: "سرآیند درخواست بزرگ است", EN: "The request's header is too large"},
			city.Text{FA: "سرآیند باید کوچک‌تر از ۸ کیلوبایت باشد.", EN: "It must be below 8 KB."},
		},
		{
			"fault", http.StatusInternalServerError, 0,
			city.Text{FA: "خطایی رخ داد", EN: "Something went wrong"},
			city.Text{FA: "خطا ثبت شد؛ شمارهٔ درخواست را به راهبر سامانه بگویید.", EN: "It was recorded; tell the operator the request's number."},
		},
		{
			"busy", http.StatusServiceUnavailable, 5,
			city.Text{FA: "اکنون شدنی نیست", EN: "Not possible right now"},
			city.Text{FA: "چیزی ذخیره نشد؛ کمی بعد همان را دوباره بفرستید.", EN: "Nothing was stored; send the same again a little later."},
		},
	}
}

// problemFor returns the row of a code; that of "fault" for an unknown one.
func problemFor(code string) problem {
	var fallback problem
	for _, p := range problems() {
		if p.code == code {
			return p
		}
		if p.code == "fault" {
			fallback = p
		}
	}
	return fallback
}

// problemWith returns the row that stands for an HTTP status.
func problemWith(status int) problem {
	if status == http.StatusBadRequest {
		return problemFor("malformed")
	}
	for _, p := range problems() {
		if p.status == status {
			return p
		}
	}
	return problemFor("fault")
}
