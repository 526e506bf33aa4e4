/// One command of `outcry-peer`; each has a file of its own, and its line in ``Peer/commands``.
struct PeerCommand: Sendable {
    /// Its words, as the help shows them: the name, then what belongs behind it.
    let usage: String
    /// What it does, in one line.
    let about: String
    let run: @Sendable (inout PeerWords) throws -> Void

    init(
        _ usage: String, _ about: String,
        _ run: @escaping @Sendable (inout PeerWords) throws -> Void
    ) {
        self.usage = usage
        self.about = about
        self.run = run
    }

    var name: Substring { usage.prefix { $0 != " " } }
}

/// Chooses the command.
enum Peer {
    static let commands = [
        PeerCommand("json", "file paths in, PATH 0 (accepted) or PATH 1 (refused) out", JSON.run),
        PeerCommand(
            "json-numbers", "decimal texts in, doubles as 16 hex digits or \"refused\" out",
            JSONNumbers.run),
        PeerCommand(
            "http-echo PORT", "a server that answers with the request's body", HTTPEcho.run),
        PeerCommand(
            "http-get", "lines ID METHOD URL in, ID STATUS SHA1 or \"ID error\" out (3 s each)",
            HTTPGet.run),
        PeerCommand(
            "tls-echo PORT CHAIN.pem KEY.pem [CA.pem]",
            "http-echo by TLS; CA: clients need certificates",
            TLSEcho.run),
        PeerCommand(
            "tls-get CA.pem|system",
            "lines ID PORT NAME WANT in, \"ID ok\" or \"ID fail\" out (4 s each)",
            TLSGet.run),
        PeerCommand(
            "sio-client URL TRANSPORT",
            "Socket.IO: what socketio/sio_client.py does, and its RESULT",
            SIOClient.run),
        PeerCommand(
            "sio-server PORT [auth|fast]",
            "Socket.IO: /mtgox as socketio/tornadio2_server.py has it; auth: handshakes want token=ok",
            SIOServer.run),
        PeerCommand("ws-echo PORT", "a WebSocket server that sends messages back", WSEcho.run),
        PeerCommand("ws-autobahn URL AGENT", "Autobahn's client role, every case", WSAutobahn.run),
    ]

    /// - Returns: The exit code: 0 done, 1 failed (and said why), 2 wrong words.
    static func run(_ arguments: [String]) -> Int32 {
        if arguments.contains("--help") || arguments == ["help"] {
            Output.line(help)
            return 0
        }
        do {
            guard let name = arguments.first else {
                throw UsageError("expected a command, found nothing")
            }
            guard let command = commands.first(where: { $0.name == name }) else {
                throw UsageError("expected a command, found \"\(name)\"")
            }
            var words = PeerWords(command, Array(arguments.dropFirst()))
            try command.run(&words)
            return 0
        } catch let error as UsageError {
            Output.error("outcry-peer: \(error)\n\(help)")
            return 2
        } catch {
            Output.error("outcry-peer: \(error)")
            return 1
        }
    }

    private static var help: String {
        let width = commands.map(\.usage.count).max() ?? 0
        return commands.reduce("Usage: outcry-peer COMMAND") { text, command in
            let gap = String(repeating: " ", count: width - command.usage.count + 2)
            return text + "\n  \(command.usage)\(gap)\(command.about)"
        } + "\nServers listen on 127.0.0.1 and print READY; PORT 0 is any free one, told behind it."
    }
}

/// The words behind a command's name.
struct PeerWords {
    private let command: PeerCommand
    private var rest: ArraySlice<String>

    init(_ command: PeerCommand, _ words: [String]) {
        self.command = command
        rest = words[...]
    }

    /// Takes the next word, if there is one.
    mutating func optional() -> String? { rest.popFirst() }

    /// Takes the next word.
    mutating func next(_ what: String) throws -> String {
        guard let word = rest.popFirst() else {
            throw UsageError("\(command.name): expected \(what), found nothing")
        }
        return word
    }

    /// Takes a port.
    mutating func port() throws -> UInt16 {
        let word = try next("PORT")
        guard let port = UInt16(word) else {
            throw UsageError("\(command.name): expected PORT from 0 to 65535, found \"\(word)\"")
        }
        return port
    }

    /// Nothing may be left.
    func finish() throws {
        guard let word = rest.first else { return }
        throw UsageError("\(command.name): expected no more words, found \"\(word)\"")
    }
}

/// A mistake on the command line: what was expected and what came. Exit code 2.
struct UsageError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Why a command could not do its work. Exit code 1.
struct PeerError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
