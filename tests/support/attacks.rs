//! What nobody should ever write, one kind after the other, for every place where somebody else may write.

/// One kind of attack; each begins with a letter, so that it is not cut away.
pub(crate) fn attacks() -> Vec<String> {
    let range = |from: u32, to: u32| (from..=to).filter_map(char::from_u32);
    let mut all = Vec::new();
    // All of C0, DEL and all of C1, few at a time: a field that is cut still shows them.
    let controls: Vec<char> = range(0x00, 0x1f).chain(range(0x7f, 0x9f)).collect();
    // The 12 of Bidi_Control.
    let bidi = "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}";
    // What nobody sees: zero width, fillers, selectors, tags, format characters, separators.
    let unseen = "\u{ad}\u{34f}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{180b}\u{180e}\u{180f}\u{200b}\u{200c}\u{200d}\u{2028}\u{2029}\
                  \u{2060}\u{2061}\u{2064}\u{2065}\u{206a}\u{206f}\u{3164}\u{fe00}\u{fe0e}\u{fe0f}\u{feff}\u{ffa0}\u{fff9}\u{fffa}\
                  \u{fffb}\u{600}\u{6dd}\u{70f}\u{8e2}\u{110bd}\u{13430}\u{1bca0}\u{1d173}\u{e0001}\u{e0020}\u{e0041}\u{e007f}\u{e0100}";
    for chunk in controls.chunks(5) {
        all.push(format!("c{}", chunk.iter().flat_map(|&c| [c, '-']).collect::<String>()));
    }
    for chunk in bidi.chars().chain(unseen.chars()).collect::<Vec<_>>().chunks(2) {
        all.push(format!("u{}", chunk.iter().flat_map(|&c| [c, '1']).collect::<String>()));
    }
    // 7753 is a number that amlock itself never sends.
    for sequence in [
        "\x1b[7753m",
        "\x1b[7753;7753H",
        "\x1b[2J\x1b[H",
        "\x1b]52;c;aG9zdGlsZQ==\x07",
        "\x1b]8;;https://evil.example/\x1b\\link\x1b]8;;\x1b\\",
        "\x1bPq#0\x1b\\",
        "\x1b_Ga=T\x1b\\",
        "\x1b]0;title\x07",
        "\x1bc",
        "\u{9b}7753m\u{9d}52;c;eA==\u{9c}",
        "first\nsecond\r\nthird\rfourth",
        "1\u{200d}\u{fe0f}1",
    ] {
        all.push(format!("s{sequence}x"));
    }
    all.push(format!("m\u{301}{}x", "\u{334}\u{317}".repeat(40)));
    all.push(format!("\u{301}{}x", "\u{20e3}".repeat(9)));
    all.push(format!("r{}", "שלום לא ".repeat(3)));
    all.push(format!("e{}", "👩\u{200d}💻❤\u{fe0f}🇰🇷".repeat(3)));
    all.push("long ".repeat(2_000));
    all
}
