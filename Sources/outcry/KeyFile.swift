import Glibc

/// A file that a sandbox's key is written to, in the form that the commands that make calls read it.
struct KeyFile {
    let path: String

    /// Takes `--key-file FILE`; nil without it.
    init?(_ arguments: inout Arguments) throws(UsageError) {
        guard let named = try arguments.option("--key-file") else { return nil }
        path = named
    }

    /// Another key is never written over.
    func requireNew() throws(UsageError) {
        if unsafe access(path, F_OK) == 0 { throw problem(EEXIST) }
    }

    /// Writes the file, for its owner alone.
    ///
    /// - Throws: ``UsageError`` where it is there already, or the system does not let it.
    func write(key: String, secret: String) throws(UsageError) {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw problem(errno) }
        defer { close(file) }
        let bytes = Array("# a key of an outcry sandbox\nkey = \(key)\nsecret = \(secret)\n".utf8)
        guard unsafe Glibc.write(file, bytes, bytes.count) == bytes.count else {
            throw problem(errno)
        }
    }

    /// The same for a shell.
    static func export(key: String, secret: String) -> String {
        "export OUTCRY_MTGOX_KEY=\(key) OUTCRY_MTGOX_SECRET=\(secret)"
    }

    private func problem(_ code: Int32) -> UsageError {
        UsageError(
            "--key-file: expected a file that is not there yet and can be made, found \"\(path)\" "
                + "(\(unsafe String(cString: strerror(code))))")
    }
}
