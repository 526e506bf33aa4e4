import Glibc
import OutcryCrypto
public import OutcryKernel

/// Files with secrets: read only where nobody else can read them. It blocks: for the start of a program.
public enum PrivateFile {
    /// The longest that is read, in bytes.
    public static let limit = 65_536

    /// Lends the content of a file that belongs to this user and is closed to all others, and wipes it
    /// afterwards.
    ///
    /// Asked of the file that was opened, at whatever it may be a link to.
    ///
    /// - Throws: ``PrivateFileError``.
    public static func read<R>(
        _ path: String, _ body: (Span<UInt8>) -> R
    ) throws(PrivateFileError) -> R {
        let file = try open(path)
        var status = stat()
        guard unsafe fstat(file.number, &status) == 0 else {
            throw .system(SystemError(last: "fstat \(path)"))
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
        guard status.st_uid == geteuid() else {
            throw .foreign(path: path, owner: status.st_uid, expected: geteuid())
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .open(path: path, mode: UInt32(status.st_mode & 0o7777))
        }
        guard status.st_size <= Int(limit) else {
            throw .long(path: path, bytes: Int(status.st_size))
        }
        var bytes = [UInt8](repeating: 0, count: limit)
        defer { SecretBytes.wipe(&bytes) }
        var count = 0
        while count < bytes.count {
            let taken = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(
                    file.number, buffer.baseAddress.map { unsafe $0 + count }, buffer.count - count)
            }
            if taken < 0 {
                if errno == EINTR { continue }
                throw .system(SystemError(last: "read \(path)"))
            }
            guard taken > 0 else { break }
            count += taken
        }
        return body(bytes.span.extracting(..<count))
    }

    /// Does not wait: a pipe would keep the program for ever.
    private static func open(_ path: String) throws(PrivateFileError) -> Descriptor {
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        do throws(SystemError) {
            return try unsafe Descriptor(Glibc.open(path, flags), from: "open \(path)")
        } catch { throw .system(error) }
    }
}

/// Why a file with a secret is not read.
public enum PrivateFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The system says no.
    case system(SystemError)
    /// It is a folder, a device or a pipe.
    case notAFile(path: String)
    /// It belongs to somebody else; the users' numbers.
    case foreign(path: String, owner: UInt32, expected: UInt32)
    /// Others than its owner may do something with it.
    case open(path: String, mode: UInt32)
    /// It is longer than ``PrivateFile/limit``.
    case long(path: String, bytes: Int)

    /// In words, with what to do.
    public var description: String {
        switch self {
        case .system(let error): "\(error)"
        case .notAFile(let path): "\(path): expected a regular file, found something else"
        case .foreign(let path, let owner, let expected):
            "\(path): expected a file of user \(expected), found one of user \(owner)"
        case .open(let path, let mode):
            "\(path): expected a file closed to others (mode 600), found mode "
                + "\(String(mode, radix: 8)): chmod 600 \(path)"
        case .long(let path, let bytes):
            "\(path): expected at most \(PrivateFile.limit) bytes, found \(bytes)"
        }
    }
}
