//! What a probe found: closed lists, so that no path and no name can be in it.
use serde::Serialize;

/// What was found about one thing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub what: Check,
    /// How it is.
    pub state: State,
    /// What it is.
    pub detail: Detail,
}

impl Finding {
    pub(crate) const fn new(what: Check, detail: Detail) -> Self {
        Self { what, state: detail.state(), detail }
    }
}

/// How something is, the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Good,
    /// It could not be told. Never counts as good.
    Unknown,
    /// Ought to be looked at.
    Warn,
    /// Leaves a gap that the vault's own encryption does not fill.
    Bad,
}

impl State {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Unknown => "unknown",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What is looked at.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
        pub enum Check {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl Check {
            /// Every one, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

checks! {
    /// Encryption below the profile's folder.
    Disk = "disk",
    /// Encryption of swap.
    Swap = "swap",
    /// Hibernation's image of the memory.
    Hibernation = "hibernation",
    /// The desktop's lock.
    ScreenLock = "screen_lock",
    /// Whether the clock is kept in step.
    Clock = "clock",
    /// Core dumps of this process.
    CoreDumps = "core_dumps",
    /// Memory that may be locked against swapping.
    LockedMemory = "locked_memory",
    /// Other programs reading this one's memory.
    Attach = "attach",
    /// Whether the clock can be right.
    ClockSanity = "clock_sanity",
}

macro_rules! details {
    ($($name:ident = $text:literal, $state:ident, $words:literal;)*) => {
        /// What was found, each with the one [`State`] it stands for.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
        pub enum Detail {
            $(#[doc = $words] #[serde(rename = $text)] $name,)*
        }

        impl Detail {
            /// Every one, for the words' catalogue to be checked against.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// How that is.
            #[must_use]
            pub const fn state(self) -> State {
                match self { $(Self::$name => State::$state,)* }
            }

            /// In words, for a terminal. The window has its own.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)* }
            }
        }
    };
}

details! {
    DiskEncrypted = "disk_encrypted", Good, "the disk below the profile is encrypted";
    DiskFolderEncrypted = "disk_folder_encrypted", Good, "the profile's folder is encrypted by its file system";
    DiskInMemory = "disk_in_memory", Warn, "the profile lies in memory: it is gone with the next start, and goes where swap goes";
    DiskElsewhere = "disk_elsewhere", Bad, "the profile lies on another machine's disk";
    DiskPlain = "disk_plain", Bad, "the disk below the profile is not encrypted by this system";
    DiskUntoldFileSystem = "disk_untold_file_system", Unknown, "the profile's file system does not tell whether it is encrypted";
    DiskUntoldLayers = "disk_untold_layers", Unknown, "the profile lies in a container, whose disk cannot be seen from inside";
    DiskUntold = "disk_untold", Unknown, "the disk below the profile cannot be seen";

    SwapNone = "swap_none", Good, "there is no swap";
    SwapInMemory = "swap_in_memory", Good, "swap stays in compressed memory";
    SwapEncrypted = "swap_encrypted", Good, "swap is encrypted";
    SwapPlain = "swap_plain", Bad, "swap is not encrypted: keys in use may be written to the disk";
    SwapElsewhere = "swap_elsewhere", Bad, "swap lies on another machine's disk";
    SwapUntold = "swap_untold", Unknown, "swap cannot be seen";

    HibernationOff = "hibernation_off", Good, "the machine cannot hibernate";
    HibernationEncrypted = "hibernation_encrypted", Good, "hibernation would write to encrypted swap";
    HibernationPlain = "hibernation_plain", Bad, "hibernation would write all memory, keys in use among it, to the disk in the clear";
    HibernationUntold = "hibernation_untold", Unknown, "whether the machine can hibernate cannot be told";

    ScreenLocks = "screen_locks", Good, "the desktop locks within 15 minutes";
    ScreenLocksLate = "screen_locks_late", Warn, "the desktop locks after more than 15 minutes";
    ScreenLocksNever = "screen_locks_never", Warn, "the desktop does not lock by itself";
    ScreenLockUntold = "screen_lock_untold", Unknown, "the desktop did not tell when it locks";
    ScreenLockNoDesktop = "screen_lock_no_desktop", Unknown, "this desktop has no way to tell when it locks";

    ClockInStep = "clock_in_step", Good, "the clock is kept in step with a time server";
    ClockOutOfStep = "clock_out_of_step", Warn, "the clock is not kept in step with a time server";
    ClockUntold = "clock_untold", Unknown, "whether the clock is kept in step cannot be told";

    CoreDumpsOff = "core_dumps_off", Good, "a crash leaves no core dump";
    CoreDumpsPiped = "core_dumps_piped", Warn, "a crash hands the memory to the system's crash handler";
    CoreDumpsOn = "core_dumps_on", Bad, "a crash would leave the memory, keys in use among it, in a file";
    CoreDumpsUntold = "core_dumps_untold", Unknown, "what a crash leaves cannot be told";

    LockedMemoryEnough = "locked_memory_enough", Good, "keys can be kept out of swap";
    LockedMemoryTight = "locked_memory_tight", Warn, "the limit of locked memory is too low to keep keys out of swap";

    AttachRefused = "attach_refused", Good, "other programs of the same user cannot read this one's memory";
    AttachPossible = "attach_possible", Warn, "other programs of the same user can read this one's memory";

    ClockRight = "clock_right", Good, "nothing speaks against the clock";
    ClockBeforeBuild = "clock_before_build", Bad, "the clock is earlier than this version of Satchel";
    ClockFarAhead = "clock_far_ahead", Bad, "the clock is decades ahead";
    ClockWentBack = "clock_went_back", Bad, "the clock was set back";
    ClockJumpedAhead = "clock_jumped_ahead", Warn, "the clock was set ahead";
    ClockOffEhr = "clock_off_ehr", Warn, "the clock is more than 2 minutes off the EHR's";
    ClockFarOffEhr = "clock_far_off_ehr", Bad, "the clock is more than 10 minutes off the EHR's: times on entries would be wrong";

    UntoldSystem = "untold_system", Unknown, "Satchel does not look at this on this system yet";
}
