//! What happens in one sequence: a walk of somebody at the keys, and what the world does meanwhile. It follows from its seed.

use amlock::demo::Fault;

/// One thing that happens.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Keys, as journeys write them.
    Press(&'static str),
    /// Somebody pastes a value that is nowhere else.
    Paste,
    /// Somebody types the name that a question wants, and Enter.
    TypeName,
    /// The next request that fits goes wrong.
    Fault(&'static str, Fault),
    /// Answers take so many milliseconds from now on.
    Latency(u64),
    /// So many milliseconds pass.
    Pass(u64),
    /// The window has another size.
    Resize(u16, u16),
    /// The window loses the focus, or has it again.
    Focus(bool),
    /// The program was stopped and is called back.
    Resumed,
    /// Somebody else sets a secret.
    TheySet(&'static str),
    /// Somebody else deletes a secret.
    TheyDelete(&'static str),
    /// Somebody else recovers a secret.
    TheyRecover(&'static str),
    /// Our clock is set by so many seconds.
    Jump(i64),
    /// The login is revoked.
    Revoke,
}

/// Numbers that follow from a seed (splitmix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x005e_ed0f_c4a0_5e2d)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit.max(1)).expect("fits")).expect("fits")
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

const NAMES: [&str; 5] = ["api-key", "db-password", "openai-key", "made-one", "made-two"];

/// Who a fault waits for.
const ASKED: [&str; 16] = [
    "",
    "PUT /secrets/",
    "PATCH /secrets/",
    "DELETE /secrets/",
    "DELETE /deletedsecrets/",
    "POST /deletedsecrets/",
    "GET /secrets",
    "GET /deletedsecrets",
    "/versions",
    ".vault.azure.net",
    "management.azure.com",
    "login.microsoftonline.com",
    "regenerateKeys",
    "listKeys",
    "mfeOperationsStatus",
    "GET ",
];

const FAULTS: [Fault; 16] = [
    Fault::Cut,
    Fault::Cut,
    Fault::Cut,
    Fault::Hang,
    Fault::Refuse,
    Fault::Truncate,
    Fault::Html,
    Fault::Status(401),
    Fault::Status(403),
    Fault::Status(404),
    Fault::Status(409),
    Fault::Status(429),
    Fault::After(3),
    Fault::After(60),
    Fault::Status(500),
    Fault::Status(503),
];

/// Single things one does, and things that belong together.
const WALK: [&str; 52] = [
    "1",
    "2",
    "3",
    "4",
    "tab",
    "j",
    "k",
    "G",
    "g",
    "enter",
    "enter",
    "esc",
    "esc",
    "r",
    "s",
    "i",
    "L",
    "?",
    "!",
    "ctrl-l",
    "ctrl-z",
    "y",
    "a",
    "v",
    "u",
    "u enter",
    "h",
    "m",
    "n",
    "d y",
    "x",
    "3 enter",
    "3 y",
    "3 j enter",
    "3 j d y",
    "3 e",
    "3 t down text:type enter",
    "3 t space tab text:a/b enter",
    "3 v j enter",
    "3 u enter",
    "3 u p",
    "3 u j enter",
    "4 enter",
    "4 enter enter",
    "4 enter j x",
    "4 y",
    "/ text:db enter",
    "/ text:zz esc",
    ": text:versions enter",
    ": text:refresh enter",
    "3 o text:api-key enter",
    "down up backspace",
];

/// The sequence of a seed.
pub(crate) fn script(seed: u64, steps: usize) -> Vec<Step> {
    let mut dice = Dice::new(seed);
    let mut script = Vec::new();
    while script.len() < steps {
        match dice.below(100) {
            0..=33 => script.push(Step::Press(dice.one(&WALK))),
            34..=41 => {
                // The main job's writes: a new secret, a new value.
                script.push(Step::Press(dice.one(&["3 n text:made-one enter", "3 n text:made-two enter", "3 e"])));
                if dice.below(3) > 0 {
                    script.push(Step::Fault("PUT /secrets/", dice.one(&FAULTS)));
                }
                script.push(Step::Paste);
                script.push(Step::Press("enter"));
                if dice.below(3) == 0 {
                    script.push(Step::Press(dice.one(&["esc", "y", "enter", "n", "q n"])));
                }
            }
            42..=45 => {
                script.push(Step::Press(dice.one(&["3 u p", "4 enter x", "4 enter j x"])));
                script.push(Step::Pass(400));
                if dice.below(3) > 0 {
                    let asked = dice.one(&["DELETE /deletedsecrets/", "regenerateKeys", "mfeOperationsStatus"]);
                    script.push(Step::Fault(asked, dice.one(&FAULTS)));
                }
                script.push(Step::TypeName);
            }
            46..=50 => {
                if dice.below(3) > 0 {
                    script.push(Step::Fault("DELETE /secrets/", dice.one(&FAULTS)));
                }
                script.push(Step::Press("3 d y"));
            }
            51..=66 => {
                let (asked, fault) = (dice.one(&ASKED), dice.one(&FAULTS));
                let times = if dice.below(4) == 0 { 3 } else { 1 };
                script.extend(std::iter::repeat_n(Step::Fault(asked, fault), times));
            }
            67..=80 => script.push(Step::Pass(dice.one(&[50, 150, 300, 700, 1_500, 2_500, 6_000, 16_000]))),
            81..=84 => script.push(Step::Latency(dice.one(&[5, 80, 400, 1_500, 6_000, 15_000]))),
            85..=87 => script.push(match dice.below(3) {
                0 => Step::TheyDelete(dice.one(&NAMES)),
                1 => Step::TheyRecover(dice.one(&NAMES)),
                _ => Step::TheySet(dice.one(&NAMES)),
            }),
            88..=89 => {
                let (columns, rows) = dice.one(&[(120, 36), (80, 24), (40, 12), (48, 14), (20, 5), (1, 1)]);
                script.push(Step::Resize(columns, rows));
            }
            90..=92 => script.push(Step::Focus(dice.below(2) == 0)),
            93 => script.push(Step::Resumed),
            94..=96 => script.push(Step::Jump(dice.one(&[3_600, -3_600, 86_400, -86_400, 90, -90]))),
            97 => script.push(Step::Revoke),
            98 => script.push(Step::TypeName),
            _ => script.push(Step::Press(dice.one(&["q", "ctrl-c", "q y", "1 d y"]))),
        }
    }
    script
}
