//! Names of the people and places that charts refer to by reference alone.
use std::collections::HashMap;

use fhir::Reference;
use kernel::PractitionerId;

use crate::concept;
use crate::name::HumanName;
use crate::particulars::Particulars;
use crate::read::{Node, Read, local_id};
use crate::record::Resource;

/// Names of Practitioners, Organizations, Locations and PractitionerRoles known on this workstation. Holds no patient.
#[derive(Default)]
pub struct Directory {
    names: HashMap<Box<str>, Box<str>>,
    roles: HashMap<Box<str>, PractitionerId>,
    /// By the practitioner's id.
    particulars: HashMap<Box<str>, Particulars>,
}

impl Directory {
    /// An empty directory: references are then shown by their own display.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Learns from a resource; one of another type or form teaches nothing.
    pub fn add(&mut self, kind: &str, body: &str) {
        if matches!(kind, "Practitioner" | "PractitionerRole" | "Organization" | "Location" | "HealthcareService")
            && let Ok(resource) = Resource::parse(kind, body)
        {
            let _unreadable_teaches_nothing = self.learn(kind, &resource);
        }
    }

    fn learn(&mut self, kind: &str, resource: &Resource) -> Read<()> {
        let node = resource.node()?;
        let Some(id) = node.text("id")? else { return Ok(()) };
        let key = format!("{kind}/{id}").into_boxed_str();
        let name = match kind {
            "Practitioner" => {
                self.particulars.insert(id.into(), Particulars::of(node)?);
                HumanName::preferred(node)?.map(|name| name.plain())
            }
            "PractitionerRole" => {
                if let Some(practitioner) = node.reference("practitioner")?.and_then(|r| local_id(r, "Practitioner"))
                    && let Ok(practitioner) = PractitionerId::new(&practitioner)
                {
                    self.roles.insert(id.into(), practitioner);
                }
                role_name(node)?
            }
            _ => node.text("name")?.map(ToOwned::to_owned),
        };
        if let Some(name) = name {
            self.names.insert(key, name.into());
        }
        Ok(())
    }

    /// The name behind the Reference: as known here, else its display.
    pub(crate) fn name(&self, reference: Node<'_>) -> Read<Option<String>> {
        if let Some(Reference::Local { kind, id }) = reference.text("reference")?.map(Reference::parse) {
            let known = self.names.get(&*format!("{kind}/{id}")).map(|name| name.to_string());
            let known = known.or_else(|| {
                let practitioner = self.roles.get(id.as_str()).filter(|_| kind.as_str() == "PractitionerRole")?;
                self.names.get(&*format!("Practitioner/{practitioner}")).map(|name| name.to_string())
            });
            if known.is_some() {
                return Ok(known);
            }
        }
        Ok(reference.text("display")?.map(ToOwned::to_owned))
    }

    /// The practitioners known here by name, and what else is known of each.
    pub fn practitioners(&self) -> impl Iterator<Item = (&str, Option<&Particulars>)> {
        let staff = self.names.iter().filter_map(|(key, name)| Some((key.strip_prefix("Practitioner/")?, name)));
        staff.map(|(id, name)| (&**name, self.particulars.get(id)))
    }

    /// What is known of a practitioner beside the name.
    #[must_use]
    pub fn particulars(&self, practitioner: &PractitionerId) -> Option<&Particulars> {
        self.particulars.get(practitioner.as_str())
    }

    /// The person behind a reference to a Practitioner, or to a PractitionerRole known here.
    #[must_use]
    pub fn practitioner(&self, reference: &str) -> Option<PractitionerId> {
        let Reference::Local { kind, id } = Reference::parse(reference) else { return None };
        match kind.as_str() {
            "Practitioner" => PractitionerId::new(id.as_str()).ok(),
            "PractitionerRole" => self.roles.get(id.as_str()).cloned(),
            _ => None,
        }
    }
}

fn role_name(node: Node<'_>) -> Read<Option<String>> {
    let display = node.object("practitioner")?.map_or(Ok(None), |reference| reference.text("display"))?;
    let role = concept::all_words(node, "code")?.first().copied();
    Ok(match (display, role) {
        (Some(name), Some(role)) => Some(format!("{name} ({role})")),
        (Some(name), None) => Some(name.to_owned()),
        (None, _) => None,
    })
}
