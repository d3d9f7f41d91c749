//! The sign-in page: one plain form that works without scripts, with a keyboard and with a screen reader.

use clinic::CLINICIANS;

/// The sign-in form. `hidden` are the authorization request's parameters, carried along; `failed` after a wrong password.
pub fn sign_in(hidden: &[(String, String)], username: &str, failed: bool) -> String {
    let mut fields = String::new();
    for (name, value) in hidden {
        fields.push_str(&format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">\n", escape(name), escape(value)));
    }
    let mut people = String::new();
    for who in CLINICIANS {
        people.push_str(&format!(
            "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>\n",
            escape(who.username),
            escape(who.display_name),
            escape(&who.role.replace('_', " "))
        ));
    }
    let alert = if failed { "<p role=\"alert\">The user name or the password is wrong.</p>" } else { "" };
    let username = escape(username);
    page(
        "Sign in",
        &format!(
            "<h1>Sign in to Harborview Health</h1>
<p>Satchel asks to open charts in your name.</p>
{alert}
<form method=\"post\" action=\"authorize\">
{fields}<p><label for=\"username\">User name</label><br>
<input id=\"username\" name=\"username\" value=\"{username}\" autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" required autofocus></p>
<p><label for=\"password\">Password</label><br>
<input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\" required></p>
<p><button type=\"submit\">Sign in</button>
<button type=\"submit\" name=\"action\" value=\"cancel\" formnovalidate>Cancel</button></p>
</form>
<h2>Who works here</h2>
<p>This is a practice EHR: everyone is invented, and everyone's password is <code>practice</code>.</p>
<table>
<thead><tr><th scope=\"col\">User name</th><th scope=\"col\">Name</th><th scope=\"col\">Role</th></tr></thead>
<tbody>
{people}</tbody>
</table>"
        ),
    )
}

/// A request that must not be answered by redirecting anywhere.
pub fn refused(reason: &str) -> String {
    page("Sign-in refused", &format!("<h1>Sign-in refused</h1>\n<p role=\"alert\">{}</p>", escape(reason)))
}

fn page(title: &str, main: &str) -> String {
    format!(
        "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
{main}
</main>
</body>
</html>
"
    )
}

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;color:#1b1b1b;background:#fff;margin:2rem auto;max-width:36rem;padding:0 1rem}\
input,button{font:inherit;padding:.4rem .6rem}input{width:100%;box-sizing:border-box;border:1px solid #595959}\
:focus-visible{outline:3px solid #0b57d0;outline-offset:2px}[role=alert]{border-left:4px solid #b3261e;padding-left:.6rem}\
table{border-collapse:collapse}th,td{text-align:left;padding:.2rem .8rem .2rem 0}";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_request_says_cannot_become_markup() {
        let page = sign_in(&[("state".into(), "\"><script>alert(1)</script>".into())], "<b>", true);
        assert!(!page.contains("<script>"));
        assert!(!page.contains("<b>"));
        assert!(page.contains("role=\"alert\""));
    }
}
