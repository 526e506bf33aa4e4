import Glibc
import Outcry
import Testing

/// Where keys come from. One after the other: the environment is the process's.
@Suite(.serialized) struct KeySourceTests {
    static let key = "a8f0c118-f963-430a-9150-02fc673afdda"
    static let secret = Base64.encode([UInt8](repeating: 0x41, count: 64))

    /// A file with this content and mode, removed afterwards.
    private func withFile(
        _ text: String, mode: mode_t, _ body: (String) throws -> Void
    ) throws {
        var template = Array("/tmp/outcry-key-XXXXXX".utf8CString)
        let file = unsafe mkstemp(&template)
        try #require(file >= 0)
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer { _ = unsafe unlink(path) }
        let bytes = Array(text.utf8)
        _ = unsafe write(file, bytes, bytes.count)
        _ = fchmod(file, mode)
        close(file)
        try body(path)
    }

    @Test func environment() throws {
        defer {
            for name in ["KEY", "SECRET", "BOB_2_KEY", "BOB_2_SECRET"] {
                _ = unsafe unsetenv("OUTCRY_MTGOX_" + name)
            }
        }
        func fails(_ account: String?, _ part: String) {
            do throws(MtGoxKeyError) {
                _ = try MtGoxCredentials.fromEnvironment(account: account)
                Issue.record("\(account ?? "-") has a key")
            } catch {
                #expect("\(error)".contains(part), "\(error)")
                #expect(!"\(error)".contains("QUFB"))
            }
        }
        fails(nil, "expected the variable OUTCRY_MTGOX_KEY, found none")
        _ = unsafe setenv("OUTCRY_MTGOX_KEY", Self.key, 1)
        fails(nil, "OUTCRY_MTGOX_SECRET")
        _ = unsafe setenv("OUTCRY_MTGOX_SECRET", Self.secret + "!", 1)
        fails(nil, "expected base64")
        _ = unsafe setenv("OUTCRY_MTGOX_SECRET", Self.secret, 1)
        #expect(try MtGoxCredentials.fromEnvironment().key.description == Self.key)
        fails("bob_2", "OUTCRY_MTGOX_BOB_2_KEY")
        _ = unsafe setenv("OUTCRY_MTGOX_BOB_2_KEY", Self.key, 1)
        _ = unsafe setenv("OUTCRY_MTGOX_BOB_2_SECRET", Self.secret, 1)
        #expect(try MtGoxCredentials.fromEnvironment(account: "bob_2").key.description == Self.key)
        for name in ["", "b=b", "bób", "a b"] { fails(name, "letters, digits and '_'") }
    }

    @Test func file() throws {
        let text = "# mine\r\n\n  key=\(Self.key)\r\nsecret = \(Self.secret)\n"
        try withFile(text, mode: 0o600) { path in
            let pathKey = try MtGoxCredentials.fromFile(path).key
            #expect(pathKey.description == Self.key)
            // A link leads to a file, which is what is looked at.
            let link = path + ".link"
            defer { _ = unsafe unlink(link) }
            _ = unsafe symlink(path, link)
            let linkKey = try MtGoxCredentials.fromFile(link).key
            #expect(linkKey.description == Self.key)
        }
        for mode in [0o640, 0o604, 0o666, 0o611] as [mode_t] {
            try withFile(text, mode: mode) { path in
                #expect(throws: MtGoxKeyError.self) { try MtGoxCredentials.fromFile(path) }
                #expect(throws: PrivateFileError.open(path: path, mode: UInt32(mode))) {
                    try PrivateFile.read(path) { _ in }
                }
            }
        }
        for path in ["/tmp", "/dev/null", "/dev/tty0"] {
            #expect(throws: PrivateFileError.self) { try PrivateFile.read(path) { _ in } }
        }
        #expect(
            throws: PrivateFileError.system(
                SystemError(call: "open /no/file", code: 2, message: "No such file or directory"))
        ) { try PrivateFile.read("/no/file") { _ in } }
        try withFile(String(repeating: " ", count: PrivateFile.limit + 1), mode: 0o600) { path in
            #expect(throws: PrivateFileError.long(path: path, bytes: PrivateFile.limit + 1)) {
                try PrivateFile.read(path) { _ in }
            }
        }
    }

    /// Another user's file, where this user may make one.
    @Test(.enabled(if: geteuid() == 0)) func aForeignFile() throws {
        try withFile("", mode: 0o600) { path in
            _ = unsafe chown(path, 12345, 0)
            #expect(throws: PrivateFileError.foreign(path: path, owner: 12345, expected: 0)) {
                try PrivateFile.read(path) { _ in }
            }
        }
    }

    @Test(arguments: [
        ("", "a line 'key"), ("key = \(key)", "a line 'secret"), ("secret = QUFB", "a line 'key"),
        ("QUFBQUFB", "a line without '='"), ("Key = x\n", "another name"),
        ("key = \(key)\nkey = \(key)", "one of them again"), ("key = x\nsecret = QUFB", "36 char"),
        ("key = \(key)\nsecret = QUFB!", "base64"), ("key = \(key)\nsecret =", "nothing"),
        ("key = \(key)\nsecret = =QUFB", "base64"),
    ])
    func badContents(text: String, part: String) {
        do throws(MtGoxSigningError) {
            _ = try MtGoxCredentials(file: Array(text.utf8).span)
            Issue.record("\(text) was taken")
        } catch {
            #expect("\(error)".contains(part), "\(error)")
            #expect(!"\(error)".contains("QUFB"))
        }
    }
}
