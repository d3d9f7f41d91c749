//! HTML notes as plain text: markup never reaches the window, its words do.

/// Elements whose content is no text for readers.
const SILENT: [&str; 5] = ["script", "style", "head", "title", "template"];
/// Elements that end a line.
const BLOCKS: [&str; 18] =
    ["p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "section", "pre", "hr", "blockquote"];
/// Elements whose words count as struck out.
const STRUCK: [&str; 3] = ["s", "del", "strike"];

/// The words of an HTML text, a line per block. Struck-out words stand in "[deleted: …]": leaving the strike out would turn a
/// withdrawn order into a given one.
pub(crate) fn to_text(html: &str) -> String {
    let mut out = String::with_capacity(html.len() / 2);
    let mut rest = html;
    let mut silent: Option<&str> = None;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        if silent.is_none() {
            push_words(&mut out, before);
        }
        if let Some(comment) = tag.strip_prefix("<!--") {
            rest = comment.find("-->").and_then(|end| comment.get(end + 3..)).unwrap_or_default();
            continue;
        }
        let Some(end) = tag.find('>') else {
            // No tag: the rest is text.
            if silent.is_none() {
                push_words(&mut out, tag);
            }
            rest = "";
            break;
        };
        let inner = tag.get(1..end).unwrap_or_default();
        rest = tag.get(end + 1..).unwrap_or_default();
        let closing = inner.starts_with('/');
        let name: String =
            inner.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        if name.is_empty() && !inner.starts_with(['/', '!', '?']) {
            // "a < b >": no tag either.
            push_words(&mut out, "<");
            rest = tag.get(1..).unwrap_or_default();
            continue;
        }
        match silent {
            Some(open) => {
                if closing && name == open {
                    silent = None;
                }
            }
            None => {
                if !closing {
                    silent = SILENT.into_iter().find(|&element| element == name && !inner.ends_with('/'));
                }
                if BLOCKS.contains(&name.as_str()) {
                    new_line(&mut out);
                } else if matches!(name.as_str(), "td" | "th") && closing {
                    out.push('\t');
                } else if STRUCK.contains(&name.as_str()) {
                    out.push_str(if closing { "]" } else { "[deleted: " });
                }
            }
        }
    }
    if silent.is_none() {
        push_words(&mut out, rest);
    }
    let lines = out.lines().map(str::trim_end);
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

fn new_line(out: &mut String) {
    while out.ends_with([' ', '\t']) {
        out.pop();
    }
    if !out.is_empty() && !out.ends_with("\n\n") {
        out.push('\n');
    }
}

/// White space runs become one space, as a browser would show them.
fn push_words(out: &mut String, text: &str) {
    for c in decode(text).chars() {
        if !c.is_whitespace() {
            out.push(c);
        } else if c == '\u{a0}' || (!out.ends_with(char::is_whitespace) && !out.is_empty()) {
            out.push(' ');
        }
    }
}

/// Character references: the five of XML, the common named ones, and numbers.
fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(rest.get(..at).unwrap_or_default());
        let reference = rest.get(at + 1..).unwrap_or_default();
        let end = reference.bytes().take(12).position(|b| b == b';');
        match end.and_then(|end| Some((named(reference.get(..end)?)?, end))) {
            Some((c, end)) => {
                out.push(c);
                rest = reference.get(end + 1..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = reference;
            }
        }
    }
    out.push_str(rest);
    out
}

fn named(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "deg" => '°',
        "micro" => 'µ',
        "plusmn" => '±',
        "ge" => '≥',
        "le" => '≤',
        "ndash" => '–',
        "mdash" => '—',
        "bull" => '•',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control() || c.is_whitespace())?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::to_text;

    #[test]
    fn words_survive_and_markup_does_not() {
        let html = "<html><head><title>x</title><style>p{}</style></head><body><h1>Plan</h1><p>BP &lt; 140 &amp; HR&nbsp;&#x2265; 60</p>\
            <ul><li>Stop <s>aspirin</s></li><li>a<br/>b</li></ul><script>alert('<b>')</script><!-- <p>no</p> --><table><tr><td>K</td><td>4.1</td></tr></table>";
        assert_eq!(to_text(html), "Plan\n\nBP < 140 & HR ≥ 60\n\n\nStop [deleted: aspirin]\n\na\nb\n\nK\t4.1".replace("\n\n\n", "\n\n"));
    }

    #[test]
    fn text_that_is_no_markup_stays() {
        assert_eq!(to_text("a < b > c"), "a < b > c");
        assert_eq!(to_text("x <y"), "x <y");
        assert_eq!(to_text("&bogus; & &#xD800; &#"), "&bogus; & &#xD800; &#");
        assert_eq!(to_text(""), "");
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "[<>/!&#;xaé -]{0,64}") {
            let _ = to_text(&text);
        }
    }
}
