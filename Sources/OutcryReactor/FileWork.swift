import COutcrySystem
import Glibc
import OutcryKernel

/// What is done with files on another thread. Every function blocks.
enum FileWork {
    /// The whole content.
    static func read(_ path: String) throws(SystemError) -> [UInt8] {
        let file = try unsafe Descriptor(open(path, O_RDONLY | O_CLOEXEC), from: "open \(path)")
        var status = stat()
        guard unsafe fstat(file.number, &status) == 0 else {
            throw SystemError(last: "fstat \(path)")
        }
        // One byte more than it should be shows the end in one call.
        var bytes = [UInt8](repeating: 0, count: max(4096, Int(status.st_size) + 1))
        var count = 0
        while true {
            let taken = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(
                    file.number, buffer.baseAddress.map { unsafe $0 + count }, buffer.count - count)
            }
            if taken < 0 {
                if errno == EINTR { continue }
                throw SystemError(last: "read \(path)")
            }
            guard taken > 0 else { break }
            count += taken
            if count == bytes.count { bytes.append(contentsOf: repeatElement(0, count: count)) }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Writes behind what is there. It is not forced to the disk.
    static func append(_ path: String, _ bytes: [UInt8]) throws(SystemError) {
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC
        let file = try unsafe Descriptor(open(path, flags, 0o666), from: "open \(path)")
        try write(file.number, bytes, path)
    }

    /// Writes a file beside `path`, forces it to the disk and renames it over `path`: after a crash the old
    /// content is there or the new one. The file keeps the permissions it had.
    static func replace(_ path: String, _ bytes: [UInt8]) throws(SystemError) {
        let temporary = "\(path).\(getpid()).new"
        do throws(SystemError) {
            var status = stat()
            let mode = unsafe lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
            let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
            let file = try unsafe Descriptor(
                open(temporary, flags, (mode ?? 0o666) & 0o666), from: "open \(temporary)")
            if let mode, fchmod(file.number, mode) != 0 {
                throw SystemError(last: "fchmod \(temporary)")
            }
            try write(file.number, bytes, temporary)
            guard fsync(file.number) == 0 else { throw SystemError(last: "fsync \(temporary)") }
            guard unsafe rename(temporary, path) == 0 else {
                throw SystemError(last: "rename \(path)")
            }
        } catch {
            _ = unsafe unlink(temporary)
            throw error
        }
        try syncFolder(of: path)
    }

    /// Forces the folder's entry to the disk.
    private static func syncFolder(of path: String) throws(SystemError) {
        let folder: String
        switch path.utf8.lastIndex(of: UInt8(ascii: "/")) {
        case nil: folder = "."
        case path.startIndex?: folder = "/"
        case let slash?: folder = String(path[..<slash])
        }
        let directory = try unsafe Descriptor(
            open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), from: "open \(folder)")
        guard fsync(directory.number) == 0 else { throw SystemError(last: "fsync \(folder)") }
    }

    /// Takes numbers from a file that processes share, under a lock on it.
    ///
    /// The new content is written where the old one is, by one call: a process that dies leaves the one or
    /// the other.
    static func advance(
        _ path: String, past floor: UInt64, by count: UInt64
    ) throws(SystemError) -> UInt64 {
        let file = try unsafe Descriptor(
            open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600), from: "open \(path)")
        guard outcry_await_lock(file.number) == 0 else { throw SystemError(last: "flock \(path)") }
        defer { _ = outcry_unlock(file.number) }
        // One byte more than a mark has: what is longer is none.
        var bytes = [UInt8](repeating: 0, count: SharedMark.byteCount + 1)
        let size = unsafe bytes.withUnsafeMutableBytes {
            unsafe pread(file.number, $0.baseAddress, $0.count, 0)
        }
        guard size >= 0 else { throw SystemError(last: "pread \(path)") }
        let (first, content) = try SharedMark.take(
            count, past: floor, from: Array(bytes.prefix(size)), path)
        let written = unsafe content.withUnsafeBytes {
            unsafe pwrite(file.number, $0.baseAddress, $0.count, 0)
        }
        guard written >= 0 else { throw SystemError(last: "pwrite \(path)") }
        guard written == content.count else {
            throw SystemError(call: "pwrite \(path)", errno: ENOSPC)
        }
        return first
    }

    /// Locks a file, which is made where it is not there, and stays there.
    static func lock(_ path: String, waits: Bool) throws(SystemError) -> LockFile {
        let file = try unsafe Descriptor(
            open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666), from: "open \(path)")
        let result = waits ? outcry_await_lock(file.number) : outcry_lock(file.number)
        guard result == 0 else { throw SystemError(last: "flock \(path)") }
        return LockFile(file)
    }

    private static func write(
        _ number: Int32, _ bytes: [UInt8], _ path: String
    ) throws(SystemError) {
        var count = 0
        while count < bytes.count {
            let taken = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(
                    number, buffer.baseAddress.map { unsafe $0 + count }, buffer.count - count)
            }
            if taken < 0 {
                if errno == EINTR { continue }
                throw SystemError(last: "write \(path)")
            }
            count += taken
        }
    }
}

/// A lock on a file: given back when it is forgotten.
///
/// Not by closing the descriptor alone: a child that another thread is starting has a copy of it until it executes
/// its program, and would keep the lock so long.
final class LockFile: Sendable {
    let descriptor: Descriptor
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
    deinit { _ = outcry_unlock(descriptor.number) }
}
