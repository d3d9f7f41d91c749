//! What a person does at a window: look, point, type, wait. Everything is found by its `data-testid`.
use std::fs;

use thirtyfour::prelude::*;
use xtask::paths;

use crate::until;

/// A window under WebDriver.
#[derive(Clone)]
pub struct Window {
    driver: WebDriver,
}

impl Window {
    pub(crate) const fn new(driver: WebDriver) -> Self {
        Self { driver }
    }

    /// Waits until this is to be seen.
    pub async fn see(&self, id: &str) -> WebElement {
        match until(async || self.displayed(&selector(id)).await).await {
            Some(element) => element,
            None => self.give_up(&format!("{id} is not to be seen")).await,
        }
    }

    /// Waits until something whose id begins so is to be seen, and answers the first.
    pub async fn see_first(&self, prefix: &str) -> WebElement {
        match until(async || self.displayed(&format!("[data-testid^=\"{prefix}\"]")).await).await {
            Some(element) => element,
            None => self.give_up(&format!("nothing that begins with {prefix} is to be seen")).await,
        }
    }

    /// Waits until the page has this, be it scrolled out of sight.
    pub async fn present(&self, id: &str) -> WebElement {
        match until(async || self.first(&selector(id)).await).await {
            Some(element) => element,
            None => self.give_up(&format!("the page has no {id}")).await,
        }
    }

    /// Waits until this is gone.
    pub async fn gone(&self, id: &str) {
        if until(async || self.displayed(&selector(id)).await.is_none().then_some(())).await.is_none() {
            self.give_up(&format!("{id} does not go")).await;
        }
    }

    /// Whether this is to be seen right now.
    pub async fn shows(&self, id: &str) -> bool {
        self.displayed(&selector(id)).await.is_some()
    }

    /// Presses this.
    pub async fn press(&self, id: &str) {
        // React replaces elements as it renders: a press that hits a replaced one is repeated.
        let pressed = until(async || self.displayed(&selector(id)).await?.click().await.ok()).await;
        if pressed.is_none() {
            self.give_up(&format!("{id} cannot be pressed")).await;
        }
    }

    /// Empties this field and types into it.
    pub async fn fill(&self, id: &str, text: &str) {
        let field = self.see(id).await;
        field.send_keys(Key::Control + "a").await.expect("keys arrive");
        field.send_keys(text).await.expect("keys arrive");
    }

    /// Types where the caret stands in this field.
    pub async fn type_into(&self, id: &str, text: &str) {
        self.see(id).await.send_keys(text).await.expect("keys arrive");
    }

    /// Presses keys wherever the focus is.
    pub async fn keys(&self, keys: impl Into<TypingData>) {
        let focused = self.driver.active_element().await.expect("something has the focus");
        focused.send_keys(keys).await.expect("keys arrive");
    }

    /// What this says.
    pub async fn text(&self, id: &str) -> String {
        self.see(id).await.text().await.expect("a text")
    }

    /// What stands in this field.
    pub async fn value(&self, id: &str) -> String {
        let field = self.see(id).await;
        match field.prop("value").await.expect("a property") {
            Some(value) => value,
            None => field.text().await.expect("a text"),
        }
    }

    /// Waits until this says something that `fits`, and answers it.
    pub async fn says(&self, id: &str, fits: impl Fn(&str) -> bool) -> String {
        let mut last = String::new();
        let said = until(async || {
            let text = self.displayed(&selector(id)).await?.text().await.ok()?;
            let fit = fits(&text).then(|| text.clone());
            last = text;
            fit
        });
        match said.await {
            Some(text) => text,
            None => self.give_up(&format!("{id} says {last:?}")).await,
        }
    }

    /// Waits until an attribute of this has a value.
    pub async fn reaches(&self, id: &str, attribute: &str, value: &str) {
        let mut last = None;
        let reached = until(async || {
            last = self.first(&selector(id)).await?.attr(attribute).await.ok()?;
            (last.as_deref() == Some(value)).then_some(())
        });
        if reached.await.is_none() {
            self.give_up(&format!("{id}: {attribute} is {last:?}, not {value:?}")).await;
        }
    }

    /// The error code on screen, if one is.
    pub async fn error_code(&self) -> Option<String> {
        self.displayed("[role=alert][data-code]").await?.attr("data-code").await.ok()?
    }

    /// The ids of everything to be seen whose id begins so, without that beginning.
    pub async fn ids(&self, prefix: &str) -> Vec<String> {
        let found = self.driver.find_all(By::Css(format!("[data-testid^=\"{prefix}\"]"))).await.expect("the window answers");
        let mut ids = Vec::new();
        for element in found {
            if let Ok(Some(id)) = element.attr("data-testid").await {
                ids.extend(id.strip_prefix(prefix).map(str::to_owned));
            }
        }
        ids
    }

    /// Runs a script in the page and answers what it returns.
    pub async fn script(&self, script: &str) -> serde_json::Value {
        self.driver.execute(script, Vec::new()).await.expect("the script runs").json().clone()
    }

    /// The page's title.
    pub async fn title(&self) -> String {
        self.driver.title().await.expect("a title")
    }

    /// Leaves a picture of the window in `target/screenshots/NAME.png`.
    pub async fn picture(&self, name: &str) {
        let picture = self.png().await;
        let directory = paths::target().join("screenshots");
        fs::create_dir_all(&directory).expect("a directory for pictures");
        fs::write(directory.join(format!("{name}.png")), picture).expect("a picture");
    }

    /// A picture of the window, PNG.
    pub async fn png(&self) -> Vec<u8> {
        // What the page shows and what the compositor has drawn are up to two frames apart.
        let two_frames = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(null)));";
        self.driver.execute_async(two_frames, Vec::new()).await.expect("frames are drawn");
        self.driver.screenshot_as_png().await.expect("a picture")
    }

    pub(crate) async fn close(&self) {
        let _ = self.driver.close_window().await;
    }

    async fn first(&self, css: &str) -> Option<WebElement> {
        self.driver.find_all(By::Css(css)).await.ok()?.into_iter().next()
    }

    async fn displayed(&self, css: &str) -> Option<WebElement> {
        for element in self.driver.find_all(By::Css(css)).await.ok()? {
            if element.is_displayed().await.unwrap_or(false) {
                return Some(element);
            }
        }
        None
    }

    /// Leaves a picture and ends the journey.
    async fn give_up(&self, why: &str) -> ! {
        let shown = async { self.driver.find(By::Tag("body")).await?.text().await }.await.unwrap_or_default();
        if let Ok(picture) = self.driver.screenshot_as_png().await {
            let directory = paths::target().join("screenshots");
            let _ = fs::create_dir_all(&directory);
            let _ = fs::write(directory.join("gave-up.png"), picture);
        }
        panic!("{why} (target/screenshots/gave-up.png). The window says:\n{shown}");
    }
}

fn selector(id: &str) -> String {
    format!("[data-testid=\"{id}\"]")
}
