//! How people of each role work: which charts, when, and what comes of it.
use watchful::Act;

use crate::chance::Chance;
use crate::town::{PATIENTS, Person};

pub const MINUTE: u64 = 60_000;
pub const HOUR: u64 = 60 * MINUTE;
pub const DAY: u64 = 24 * HOUR;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    WardNurse,
    NightNurse,
    IcuNurse,
    FloatNurse,
    EdPhysician,
    EdNurse,
    FamilyPhysician,
    Consultant,
    Pharmacist,
}

/// How many of each, of 60.
const STAFF: [(Role, usize); 9] = [
    (Role::WardNurse, 16),
    (Role::NightNurse, 6),
    (Role::IcuNurse, 6),
    (Role::FloatNurse, 4),
    (Role::EdPhysician, 6),
    (Role::EdNurse, 6),
    (Role::FamilyPhysician, 6),
    (Role::Consultant, 5),
    (Role::Pharmacist, 5),
];

struct Habit {
    /// Hour of the day and hours of a shift.
    begins: u64,
    hours: u64,
    /// Of a thousand days, on how many they work; weekends off for `office`.
    works: u64,
    office: bool,
    /// Charts of patients tied to them, a shift; of a thousand, how many right at the handover.
    own: (u64, u64),
    handover: u64,
    /// Charts that nothing ties to them when first opened, a shift; of a thousand, how many are documented in time, and how
    /// many get a tie with a later sync.
    strangers: (u64, u64),
    written: u64,
    tied_later: u64,
    /// Minutes until something is written; of a thousand, how many are written 30 hours later than that.
    writes_after: (u64, u64),
    late: u64,
    /// Of a thousand strangers' charts, how many need break-glass even where policy is open.
    glass: u64,
    /// Mean looks a shift that nothing comes of: a wrong click, a question in the corridor, a case one has heard of.
    idle: f64,
}

const fn habit(role: Role) -> Habit {
    let nurse = Habit {
        begins: 7,
        hours: 12,
        works: 480,
        office: false,
        own: (6, 14),
        handover: 600,
        strangers: (0, 1),
        written: 800,
        tied_later: 100,
        writes_after: (5, 180),
        late: 10,
        glass: 200,
        idle: 0.10,
    };
    match role {
        Role::WardNurse => nurse,
        Role::NightNurse => Habit { begins: 19, ..nurse },
        Role::IcuNurse => Habit { own: (2, 5), idle: 0.05, ..nurse },
        Role::FloatNurse => Habit { own: (3, 6), strangers: (2, 6), written: 300, tied_later: 680, idle: 0.2, ..nurse },
        Role::EdPhysician => Habit {
            hours: 10,
            works: 500,
            own: (4, 8),
            handover: 300,
            strangers: (10, 18),
            written: 960,
            tied_later: 20,
            writes_after: (10, 480),
            late: 20,
            glass: 600,
            idle: 0.4,
            ..nurse
        },
        Role::EdNurse => Habit {
            own: (3, 6),
            handover: 300,
            strangers: (8, 16),
            written: 970,
            tied_later: 15,
            writes_after: (3, 120),
            glass: 500,
            idle: 0.25,
            ..nurse
        },
        Role::FamilyPhysician => Habit {
            begins: 8,
            hours: 9,
            works: 920,
            office: true,
            own: (18, 32),
            handover: 150,
            strangers: (0, 3),
            written: 850,
            tied_later: 100,
            writes_after: (10, 300),
            late: 20,
            idle: 0.12,
            ..nurse
        },
        Role::Consultant => Habit {
            begins: 8,
            hours: 10,
            works: 900,
            office: true,
            own: (8, 16),
            handover: 400,
            strangers: (3, 7),
            written: 920,
            tied_later: 50,
            writes_after: (15, 360),
            late: 20,
            glass: 400,
            idle: 0.5,
        },
        Role::Pharmacist => Habit {
            begins: 8,
            hours: 9,
            works: 900,
            office: true,
            own: (20, 40),
            handover: 100,
            strangers: (50, 90),
            written: 985,
            tied_later: 5,
            writes_after: (1, 15),
            late: 0,
            glass: 0,
            idle: 0.1,
        },
    }
}

/// One thing done, with the truth about it.
#[derive(Clone, Copy, Debug)]
pub struct Deed {
    pub at: u64,
    pub patient: usize,
    pub act: Act,
    pub related: bool,
    pub emergency: bool,
    /// Goes on if asked for the passphrase; otherwise the chart is left unopened.
    pub insists: bool,
    /// The episode of snooping it belongs to.
    pub episode: Option<usize>,
}

pub struct Worker {
    pub role: Role,
    pub person: Person,
    pub shifts: Vec<(u64, u64)>,
    pub deeds: Vec<Deed>,
    /// Whether break-glass is the only way to a stranger's chart.
    pub strict: bool,
    pace: f64,
    idle: f64,
}

/// The roles of the staff, in order.
pub fn roles() -> impl Iterator<Item = Role> {
    STAFF.into_iter().flat_map(|(role, count)| std::iter::repeat_n(role, count))
}

/// What disturbs the ordinary run of days.
pub struct Calendar {
    pub days: u64,
    /// The emergency department is overrun on this day.
    pub disaster: u64,
}

impl Worker {
    /// Everything the worker does on the days of the calendar, in order of time.
    pub fn working(role: Role, person: Person, strict: bool, calendar: &Calendar, chance: &mut Chance) -> Self {
        let (pace, idle) = (chance.factor(0.25), chance.factor(0.5));
        let mut worker = Self { role, person, shifts: Vec::new(), deeds: Vec::new(), strict, pace, idle };
        let habit = habit(role);
        let hired = if chance.per_mille(150) { chance.between(10, calendar.days / 2) } else { 0 };
        let away = chance.between(hired, calendar.days);
        let vacation = away..away + chance.between(10, 21);
        for day in hired..calendar.days {
            let disaster = day == calendar.disaster && matches!(role, Role::EdPhysician | Role::EdNurse);
            let off = vacation.contains(&day) || (habit.office && day % 7 >= 5) || !chance.per_mille(habit.works);
            if off && !disaster {
                continue;
            }
            let begins = day * DAY + habit.begins * HOUR + chance.below(30 * MINUTE);
            worker.shifts.push((begins, begins + habit.hours * HOUR));
            // A newcomer works with half the charts for two weeks.
            let busy = chance.factor(0.2) * worker.pace * if hired > 0 && day < hired + 14 { 0.5 } else { 1.0 };
            worker.shift(&habit, begins, busy, disaster, chance);
        }
        worker
    }

    fn shift(&mut self, habit: &Habit, begins: u64, busy: f64, disaster: bool, chance: &mut Chance) {
        let length = habit.hours * HOUR;
        let some = |chance: &mut Chance, (from, to): (u64, u64)| (chance.between(from, to) as f64 * busy).round() as u64;
        for _ in 0..some(chance, habit.own) {
            let patient = self.patient(chance);
            let first = if chance.per_mille(habit.handover) { chance.below(40 * MINUTE) } else { chance.below(length) };
            for again in 0..chance.between(1, 4) {
                let at = begins + (first + again * chance.below(2 * HOUR)).min(length);
                self.deed(at, patient, Act::Open, true, false);
            }
        }
        if self.role == Role::FamilyPhysician && chance.per_mille(45) {
            // The monthly review of a panel: one chart after the other.
            let review = begins + length - 2 * HOUR;
            for _ in 0..chance.between(15, 28) {
                let patient = self.patient(chance);
                self.deed(review + chance.below(HOUR), patient, Act::Open, true, false);
            }
        }
        let strangers = some(chance, habit.strangers) * if disaster { 3 } else { 1 };
        for _ in 0..strangers {
            self.stranger(habit, begins, disaster, chance);
        }
        let idle = habit.idle * self.idle * chance.factor(0.4);
        for _ in 0..chance.poisson(idle) {
            let (at, patient) = (begins + chance.below(length), self.patient(chance));
            let emergency = self.strict;
            // Where policy refuses, few go on to break the glass for no care.
            let goes_on = chance.per_mille(if self.strict { 100 } else { 1000 });
            let insists = chance.per_mille(200);
            if self.strict {
                self.deed(at, patient, Act::Refused, false, false);
            }
            if goes_on {
                self.deeds.push(Deed { at: at + MINUTE, patient, act: Act::Open, related: false, emergency, insists, episode: None });
            }
        }
    }

    /// Someone nobody has told the computer about yet: a walk-in, a transfer, an order to verify.
    fn stranger(&mut self, habit: &Habit, begins: u64, disaster: bool, chance: &mut Chance) {
        let length = habit.hours * HOUR;
        let patient = self.patient(chance);
        let at = begins + if disaster { HOUR + chance.below(5 * HOUR) } else { chance.below(length) };
        let verifies = self.role == Role::Pharmacist;
        let emergency = !verifies && (self.strict || chance.per_mille(habit.glass));
        if emergency {
            self.deed(at, patient, Act::Refused, false, false);
            self.deed(at + MINUTE, patient, Act::BreakGlass, false, true);
        }
        self.deed(at + 2 * MINUTE, patient, Act::Open, false, emergency);
        let fate = chance.below(1000);
        let (from, to) = habit.writes_after;
        let later = at + 3 * MINUTE + chance.between(from, to) * MINUTE * if disaster { 2 } else { 1 };
        if fate < habit.written {
            let late = if chance.per_mille(habit.late) { 30 * HOUR } else { 0 };
            self.deed(later + late, patient, Act::Write, false, emergency && late == 0);
        } else if fate < habit.written + habit.tied_later {
            self.deed(later, patient, Act::Open, true, false);
        }
    }

    fn deed(&mut self, at: u64, patient: usize, act: Act, related: bool, emergency: bool) {
        self.deeds.push(Deed { at, patient, act, related, emergency, insists: true, episode: None });
    }

    /// Anyone; nobody is assigned their own chart.
    fn patient(&self, chance: &mut Chance) -> usize {
        loop {
            let patient = chance.below(PATIENTS as u64) as usize;
            if patient != self.person.record {
                return patient;
            }
        }
    }
}
