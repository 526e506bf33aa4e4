import Glibc
import Outcry

/// How the owner's commands find a running sandbox: its administrator's address and token, in files for the
/// owner alone, in the sandbox's `--data` folder and in ``SessionFolder``.
struct SandboxNote {
    let address: String
    let token: String
    let process: Int32
    /// The port of the sandbox's first door.
    let port: UInt16

    private static let name = "admin"
    private static let option = "sandbox"

    private var text: String {
        "address \(address)\ntoken \(token)\nprocess \(process)\nport \(port)\n"
    }

    init(address: String, token: String, port: UInt16) {
        self.address = address
        self.token = token
        self.port = port
        process = getpid()
    }

    private init?(_ text: String) {
        var fields: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1)
            if words.count == 2 { fields[String(words[0])] = String(words[1]) }
        }
        guard let address = fields["address"], let token = fields["token"],
            let process = fields["process"].flatMap(Int32.init),
            let port = fields["port"].flatMap(UInt16.init)
        else { return nil }
        self.address = address
        self.token = token
        self.process = process
        self.port = port
    }

    /// The process that wrote it is there.
    var isAlive: Bool { process > 0 && (kill(process, 0) == 0 || errno == EPERM) }

    // MARK: Kept

    /// Keeps it for as long as the sandbox runs.
    ///
    /// - Parameter data: The sandbox's `--data` folder, if it has one.
    func keep(data: String?) throws(UsageError) {
        if let data {
            let folder = try KeyFolder(data, option: "--data")
            defer { folder.close() }
            try folder.write(text, to: Self.name, isSecret: true)
        }
        let session = try Self.session()
        defer { session.close() }
        try session.write(text, to: "sandbox-\(port)", isSecret: true)
    }

    /// The sandbox ends.
    func forget(data: String?) {
        if let folder = try? data.map({ try KeyFolder($0, option: "--data") }) {
            folder.remove(Self.name)
            folder.close()
        }
        guard let session = try? Self.session() else { return }
        defer { session.close() }
        session.remove("sandbox-\(port)")
    }

    private static func session() throws(UsageError) -> KeyFolder {
        try KeyFolder(SessionFolder.own, option: option, isOwn: true)
    }

    // MARK: Found

    /// The note of the sandbox with a data folder.
    static func find(data path: String) throws -> SandboxNote {
        guard unsafe access(path, F_OK) == 0 else {
            throw CommandError("--data: expected a sandbox's folder, found nothing at \(path)")
        }
        let file = "\(path)/\(name)"
        guard unsafe access(file, F_OK) == 0,
            let note = SandboxNote(String(decoding: try Files.bytes(file), as: UTF8.self)),
            note.isAlive
        else { throw CommandError("--data: expected a sandbox that runs on \(path), found none") }
        return note
    }

    /// The note of the sandbox at a port, or of the only one.
    static func find(port: Int?) throws -> SandboxNote {
        guard unsafe access(SessionFolder.own, F_OK) == 0 else { throw none(port) }
        let folder = try session()
        defer { folder.close() }
        var notes: [SandboxNote] = []
        for name in folder.names() where name.hasPrefix("sandbox-") {
            guard let text = try folder.read(name, isSecret: true), let note = SandboxNote(text),
                note.isAlive
            else {
                folder.remove(name)
                continue
            }
            if port == nil || port == Int(note.port) { notes.append(note) }
        }
        guard let note = notes.first else { throw none(port) }
        guard notes.count == 1 else {
            let ports = notes.map { "\($0.port)" }.joined(separator: ", ")
            throw UsageError("--port: expected which sandbox is meant, found those at \(ports)")
        }
        return note
    }

    private static func none(_ port: Int?) -> CommandError {
        CommandError(
            "expected a sandbox that runs\(port.map { " at port \($0)" } ?? ""), found none; "
                + "--admin ADDRESS --token TOKEN name one")
    }
}
