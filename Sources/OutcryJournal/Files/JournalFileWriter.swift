import Glibc
package import OutcryKernel

/// Writes blocks into files.
///
/// The block that is being written lies in memory that is the file's own:
/// a process that dies loses nothing it has published. When it is full it is copied to its place by one call
/// of the system, into room that was set aside. (Writing all of the file by mapped memory cost ten times as much: 5 us a new page.)
/// Nothing is forced to the disk: after a power failure the last half minute may be missing.
@safe package final class JournalFileWriter: BlockSink {
    package let blockSize = TapeFormat.defaultBlockSize
    /// The first file.
    package let path: String
    /// Why the journal ended early.
    package private(set) var failure: SystemError?

    private let options: JournalFileOptions
    private let journal: UInt64
    package let cipher: BlockCipher?
    private let salt: [UInt8]
    private let check: UInt64
    private let partBlocks: Int

    private var file: Int32 = -1
    private var part = 0
    /// Blocks of this part that are in their places.
    private var used = 0
    /// Blocks of this part for which the disk has room.
    private var reserved = 0
    private static let reserve = 16 << 20
    /// The block that is being written; nil before the first of a part.
    private var desk: UnsafeMutableRawPointer?
    /// It has a block.
    private var isBusy = false

    /// Makes the first file.
    package init(_ options: JournalFileOptions) throws(SystemError) {
        self.options = options
        partBlocks = max(1, options.partSize / blockSize - 2)
        var word: UInt64 = 0
        unsafe withUnsafeMutableBytes(of: &word) {
            if let base = $0.baseAddress { _ = unsafe getentropy(base, $0.count) }
        }
        journal = word
        if let key = options.key {
            var salt = [UInt8](repeating: 0, count: 16)
            let code = unsafe salt.withUnsafeMutableBytes { buffer in
                unsafe buffer.baseAddress.map { unsafe getentropy($0, buffer.count) } ?? -1
            }
            guard code == 0 else { throw SystemError(last: "getentropy") }
            self.salt = salt
            let made = try key.cipher(salt)
            cipher = made.cipher
            check = made.check
        } else {
            salt = []
            cipher = nil
            check = 0
        }
        var place = options.path
        var run = 1
        while true {
            file = Self.open(place)
            guard file < 0, errno == EEXIST, run < 100_000 else { break }
            run += 1
            place = "\(options.path)-\(run)"
        }
        path = place
        guard file >= 0 else { throw SystemError(last: "open \(place)") }
        try begin(firstBlock: 0)
    }

    deinit {
        unmap()
        if file >= 0 { _ = close(file) }
    }

    private static func open(_ path: String) -> Int32 {
        unsafe Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    }

    private func begin(firstBlock: UInt64) throws(SystemError) {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &now)
        var header = JournalHeader(
            blockSize: blockSize, part: UInt32(part), journal: journal, firstBlock: firstBlock,
            wall: Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000, name: options.name)
        header.salt = salt
        header.check = check
        let bytes = header.bytes
        let written = unsafe bytes.withUnsafeBytes {
            unsafe pwrite(file, $0.baseAddress, $0.count, 0)
        }
        guard written == bytes.count else {
            throw SystemError(last: "write \(JournalPart.path(path, part))")
        }
        try setDesk()
        used = 0
        reserved = 0
        isBusy = false
    }

    /// Has the file system set room aside for the next blocks, which costs less than block by block.
    private func reserveMore() throws(SystemError) {
        let count = min(max(1, Self.reserve / blockSize), partBlocks - used)
        let start = JournalPart.offset(used, blockSize)
        let code = posix_fallocate(file, off_t(start), off_t(count * blockSize))
        guard code == 0 else {
            errno = code
            throw SystemError(last: "posix_fallocate \(JournalPart.path(path, part))")
        }
        reserved = used + count
    }

    /// Makes room for the block that is being written, and maps it.
    private func setDesk() throws(SystemError) {
        let place = JournalPart.path(path, part)
        // Without this, a full disk would be a signal at the first touch.
        let code = posix_fallocate(file, off_t(JournalPart.desk(blockSize)), off_t(blockSize))
        guard code == 0 else {
            errno = code
            throw SystemError(last: "posix_fallocate \(place)")
        }
        let memory = unsafe mmap(
            nil, blockSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file,
            off_t(JournalPart.desk(blockSize)))
        guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
            throw SystemError(last: "mmap \(place)")
        }
        unsafe desk = unsafe memory
    }

    package func nextBlock(_ number: UInt64) -> UnsafeMutableRawPointer? {
        guard failure == nil else { return nil }
        do throws(SystemError) {
            try putAway()
            if used == partBlocks { try nextPart(number) }
        } catch {
            failure = error
            return nil
        }
        isBusy = true
        return unsafe desk
    }

    /// Copies the block to its place, and clears its head.
    private func putAway() throws(SystemError) {
        guard isBusy, let desk = unsafe desk else { return }
        if used == reserved { try reserveMore() }
        var done = 0
        let place = JournalPart.offset(used, blockSize)
        while done < blockSize {
            let count = unsafe pwrite(file, desk + done, blockSize - done, off_t(place + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw SystemError(last: "write \(JournalPart.path(path, part))")
            }
            done += count
        }
        // From here on it is in its place, and a head of this number does not count.
        unsafe desk.initializeMemory(
            as: UInt8.self, repeating: 0, count: TapeFormat.blockHead)
        used += 1
        isBusy = false
    }

    private func nextPart(_ firstBlock: UInt64) throws(SystemError) {
        unmap()
        _ = close(file)
        part += 1
        let place = JournalPart.path(path, part)
        file = Self.open(place)
        guard file >= 0 else { throw SystemError(last: "open \(place)") }
        try begin(firstBlock: firstBlock)
    }

    private func unmap() {
        if let desk = unsafe desk { _ = unsafe munmap(desk, blockSize) }
        unsafe desk = nil
    }

    package func rest() {
        guard file >= 0, failure == nil, reserved > used else { return }
        reserved = used
        _ = ftruncate(file, off_t(JournalPart.offset(used, blockSize)))
    }
}
