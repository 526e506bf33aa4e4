import OutcryWire
import Testing

/// The JSONTestSuite of Nicolas Seriot (see `Tests/Conformance/json/README.md`).
@Suite struct JSONSuiteTests {
    static let folder =
        #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
        + "/Conformance/json/test_parsing/"

    /// What may go either way and goes through here: exact number texts of any size. All the others
    /// (malformed UTF-8, lone surrogates, UTF-16, a byte order mark, 500 levels) are refused.
    static let accepted = [
        "i_number_double_huge_neg_exp.json", "i_number_huge_exp.json",
        "i_number_neg_int_huge_exp.json", "i_number_pos_double_huge_exp.json",
        "i_number_real_neg_overflow.json", "i_number_real_pos_overflow.json",
        "i_number_real_underflow.json", "i_number_too_big_neg_int.json",
        "i_number_too_big_pos_int.json", "i_number_very_big_negative_int.json",
    ]

    @Test func everyTextIsJudgedRight() {
        var counts: [Character: Int] = [:]
        for name in fileNames(in: Self.folder) {
            let bytes = fileContents(Self.folder + name)
            let isWanted =
                name.hasPrefix("y_") || (name.hasPrefix("i_") && Self.accepted.contains(name))
            let error = skipError(bytes)
            #expect(
                (error == nil) == isWanted, "\(name): \(error.map(\.description) ?? "accepted")")
            #expect((walkError(bytes) == nil) == isWanted, "\(name), walked")
            #expect(NaiveJSON.accepts(bytes) == isWanted, "\(name), by the naive validator")
            counts[name.first ?? "?", default: 0] += 1
        }
        #expect(counts == ["y": 95, "n": 188, "i": 35])
    }

    @Test func everyTextWithinOthersIsJudgedRight() {
        // As an element, with bytes behind it: no check may rest on the end of the input.
        for name in fileNames(in: Self.folder) {
            let text = fileContents(Self.folder + name)
            let bytes = Array("[0,".utf8) + text + Array(",\"and many bytes after it\"]".utf8)
            let isWanted = NaiveJSON.accepts(bytes)
            #expect((skipError(bytes) == nil) == isWanted, "\(name)")
            #expect((walkError(bytes) == nil) == isWanted, "\(name), walked")
        }
    }

    @Test func errorsOfUndecidedTextsSayWhich() {
        func expectation(_ name: String) -> JSONError.Expectation? {
            skipError(fileContents(Self.folder + name))?.expected
        }
        #expect(expectation("i_structure_UTF-8_BOM_empty_object.json") == .noByteOrderMark)
        #expect(expectation("i_string_invalid_utf-8.json") == .utf8)
        #expect(expectation("i_string_UTF8_surrogate_U+D800.json") == .utf8)
        #expect(expectation("i_string_overlong_sequence_2_bytes.json") == .utf8)
        #expect(expectation("i_string_lone_second_surrogate.json") == .surrogatePair)
        #expect(expectation("i_string_1st_surrogate_but_2nd_missing.json") == .surrogatePair)
        #expect(expectation("i_structure_500_nested_arrays.json") == .lessDepth)
    }
}
