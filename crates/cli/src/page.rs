//! Answers for a person: headings, fields, tables. No colour, no width assumed.
use unicode_width::UnicodeWidthStr as _;

use crate::clean;

/// A page being written. Everything put on it is made harmless for a terminal first.
#[derive(Default)]
pub struct Page(String);

impl Page {
    /// A heading, with a blank line before it unless it is the first.
    pub fn heading(&mut self, text: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.line(&text.to_uppercase());
    }

    /// One line.
    pub fn line(&mut self, text: &str) {
        self.0.push_str(clean::line(text).trim_end());
        self.0.push('\n');
    }

    /// Several lines, as they stand.
    pub fn text(&mut self, text: &str) {
        for line in clean::lines(text) {
            self.line(&line);
        }
    }

    /// Names and values, the values in one column. A field without a value is left out.
    pub fn fields<const N: usize>(&mut self, fields: [(&str, Option<String>); N]) {
        let present = || fields.iter().filter_map(|(name, value)| value.as_deref().map(|value| (*name, value)));
        let width = present().map(|(name, _)| name.width()).max().unwrap_or(0);
        for (name, value) in present() {
            self.line(&format!("{name}{}  {value}", " ".repeat(width - name.width())));
        }
    }

    /// A table; `empty` stands where there are no rows.
    pub fn table<const N: usize>(&mut self, names: [&str; N], rows: impl IntoIterator<Item = [String; N]>, empty: &str) {
        let rows: Vec<[String; N]> = rows.into_iter().map(|row| row.map(|cell| clean::line(&cell))).collect();
        if rows.is_empty() {
            return self.line(empty);
        }
        let names = names.map(str::to_owned);
        let mut widths = [0; N];
        for row in rows.iter().chain([&names]) {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        for row in [&names, &widths.map(|width| "-".repeat(width))].into_iter().chain(&rows) {
            let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.width())));
            self.line(&cells.collect::<Vec<_>>().join("  "));
        }
    }

    /// What is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_in_every_script() {
        let mut page = Page::default();
        page.table(["name", "born"], [["王秀英".into(), "1961".into()], ["Zoë\x1b".into(), "2001".into()]], "nobody");
        assert_eq!(page.as_str(), "name    born\n------  ----\n王秀英  1961\nZoë\u{fffd}    2001\n");
    }

    #[test]
    fn nothing_is_said_to_be_nothing() {
        let mut page = Page::default();
        page.table(["name"], [], "nobody");
        page.fields([("a", None), ("long", Some("x".into())), ("b", Some("y".into()))]);
        assert_eq!(page.as_str(), "nobody\nlong  x\nb     y\n");
    }
}
