/// The text sequences of the Autobahn Testsuite 25.10.1, cases 6.5 to 6.23 (Apache License 2.0),
/// after Markus Kuhn's UTF-8 decoder test: whether each is valid, and its bytes.
enum UTF8Sequences {
    static let all: [(isValid: Bool, bytes: [UInt8])] =
        valid.map { (true, hex($0)) } + invalid.map { (false, hex($0)) } + [
            (false, Array(0x80...0xBE)), (false, (0xC0...0xDE).flatMap { [$0, 0x20] }),
        ]

    private static let valid = """
        68656c6c6f24776f726c64 68656c6c6fc2a2776f726c64 68656c6c6fe282ac776f726c64
        68656c6c6ff0a4ada2776f726c64 cebae1bdb9cf83cebcceb5 ceba cebae1bdb9 cebae1bdb9cf83
        cebae1bdb9cf83cebc 00 c280 e0a080 f0908080 7f dfbf efbfbf f48fbfbf ed9fbf ee8080 efbfbd
        efbfbe f09fbfbe f09fbfbf f0afbfbe f0afbfbf f0bfbfbe f0bfbfbf f18fbfbe f18fbfbf f19fbfbe
        f19fbfbf f1afbfbe f1afbfbf f1bfbfbe f1bfbfbf f28fbfbe f28fbfbf f29fbfbe f29fbfbf f2afbfbe
        f2afbfbf f2bfbfbe f2bfbfbf f38fbfbe f38fbfbf f39fbfbe f39fbfbf f3afbfbe f3afbfbf f3bfbfbe
        f3bfbfbf f48fbfbe efbfb9 efbfba efbfbb efbfbc
        """.split { $0 == " " || $0 == "\n" }

    private static let invalid = """
        ce cebae1 cebae1bd cebae1bdb9cf cebae1bdb9cf83ce cebae1bdb9cf83cebcce f888808080
        fc8480808080 f7bfbfbf fbbfbfbfbf fdbfbfbfbfbf f4908080 80 bf 80bf 80bf80 80bf80bf
        80bf80bf80 80bf80bf80bf
        e020e120e220e320e420e520e620e720e820e920ea20eb20ec20ed20ee20 f020f120f220f320f420f520f620
        f820f920fa20 fc20 c0 e080 f08080 f8808080 fc80808080 df efbf f7bfbf fbbfbfbf fdbfbfbfbf
        c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf fe ff fefeffff c0af e080af
        f08080af f8808080af fc80808080af c1bf e09fbf f08fbfbf f887bfbfbf fc83bfbfbfbf c080 e08080
        f0808080 f880808080 fc8080808080 eda080 edadbf edae80 edafbf edb080 edbe80 edbfbf
        eda080edb080 eda080edbfbf edadbfedb080 edadbfedbfbf edae80edb080 edae80edbfbf edafbfedb080
        edafbfedbfbf
        """.split { $0 == " " || $0 == "\n" }

    private static func hex(_ digits: Substring) -> [UInt8] {
        let values = digits.utf8.map { $0 < 0x3A ? $0 - 0x30 : $0 - 0x57 }
        return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }
}
