import COutcrySystem
import Glibc
public import OutcryKernel

/// Looks at running programs of this user: what `outcry inspect` does. It blocks, for some seconds at most.
public enum Inspector {
    /// The longest that a program may take to answer; one that takes longer is held up.
    public static let patience = Duration.seconds(3)

    /// The processes that can be looked at, in their order; what dead ones have left is removed.
    public static func programs() -> [Int32] {
        var found: [Int32] = []
        for folder in SessionFolder.places {
            SessionFolder.sweep(folder)
            for socket in SessionFolder.sockets(in: folder)
            where !found.contains(socket.process) { found.append(socket.process) }
        }
        return found.sorted()
    }

    /// What a process says of itself: a JSON document for each of its kernels.
    ///
    /// - Throws: ``InspectionError``.
    public static func look(at process: Int32) throws(InspectionError) -> [[UInt8]] {
        var status = stat()
        guard kill(process, 0) == 0 || errno == EPERM,
            unsafe stat("/proc/\(process)", &status) == 0
        else { throw .noProcess(process) }
        guard status.st_uid == geteuid() else {
            throw .foreign(process, owner: status.st_uid, expected: geteuid())
        }
        var documents: [[UInt8]] = []
        for folder in SessionFolder.places {
            for socket in SessionFolder.sockets(in: folder) where socket.process == process {
                documents.append(try read("\(folder)/\(socket.name)", process))
            }
        }
        guard !documents.isEmpty else { throw .noDoor(process) }
        return documents
    }

    private static func read(_ path: String, _ process: Int32) throws(InspectionError) -> [UInt8] {
        do throws(SystemError) {
            let raw = try RawAddress(.unix(path))
            let socket = try Descriptor(
                Glibc.socket(
                    AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0),
                from: "socket")
            let number = socket.number
            var limit = timeval(tv_sec: Int(patience.components.seconds), tv_usec: 0)
            _ = unsafe setsockopt(
                number, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            guard unsafe raw.withPointer({ unsafe connect(number, $0, $1) }) == 0 else {
                throw SystemError(last: "connect \(path)")
            }
            var user: UInt32 = 0
            var peer: Int32 = 0
            guard unsafe outcry_peer(number, &user, &peer) == 0 else {
                throw SystemError(last: "SO_PEERCRED")
            }
            guard user == geteuid(), peer == process || peer == 0 else {
                throw SystemError(call: "socket \(path) of process \(peer)", errno: EPERM)
            }
            return try readAll(socket)
        } catch {
            if error.code == EAGAIN { throw .silent(process) }
            if error.code == ECONNREFUSED || error.code == ENOENT { throw .noDoor(process) }
            throw .system(error)
        }
    }

    private static func readAll(_ socket: borrowing Descriptor) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe recv(socket.number, &piece, piece.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError(last: "recv") }
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
    }
}

/// Why a process cannot be looked at.
public enum InspectionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is no such process.
    case noProcess(Int32)
    /// It is another user's; the users' numbers.
    case foreign(Int32, owner: UInt32, expected: UInt32)
    /// It has no door: no program of Outcry, or one that was told to have none.
    case noDoor(Int32)
    /// It does not answer: its loop is held up, or does not run.
    case silent(Int32)
    /// The system says no.
    case system(SystemError)

    /// In words.
    public var description: String {
        switch self {
        case .noProcess(let process):
            "expected a running process, found none with number \(process)"
        case .foreign(let process, let owner, let expected):
            "process \(process): expected one of user \(expected), found one of user \(owner)"
        case .noDoor(let process):
            "process \(process): expected a program on an Outcry reactor that can be looked at "
                + "(OUTCRY_INSPECT is not 0), found another"
        case .silent(let process):
            "process \(process): expected an answer within \(Inspector.patience), found none: its loop "
                + "is held up, or stands still"
        case .system(let error): "\(error)"
        }
    }
}
