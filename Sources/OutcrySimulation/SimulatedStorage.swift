import OutcryKernel

/// A disk in memory, which can be made to lose power at a chosen write.
///
/// Every operation takes effect when it is asked for; its outcome comes at the kernel's next poll.
public final class SimulatedStorage {
    private var files: [String: [UInt8]] = [:]
    /// Who holds the lock of a path, and who waits for it, the oldest first.
    var locks: [String: (holder: Wait, waits: [Wait])] = [:]
    private var random: SeededGenerator
    private var left: Int?
    /// How much of a file is on the disk for good: what it held when it was last replaced.
    private var durable: [String: Int] = [:]
    /// What is on the disk for good of files from which numbers were taken.
    private var forced: [String: [UInt8]] = [:]

    /// A power failure also takes a random part of the end of what was appended since a file was last
    /// replaced, although it was answered: appends are not forced to the disk by a real driver either. A
    /// file from which numbers are taken may be as it was before the first of them.
    public var losesAppends = false

    /// There is no space left: nothing can be written, and each try is answered so.
    public var isFull = false

    /// Is asked for the content of each file that is not on this disk, once: from there on the disk has it. What is
    /// written stays on this disk.
    public var beneath: ((String) -> [UInt8]?)?
    /// The files that were asked for there.
    private var fetched: Set<String> = []

    /// Appends, replacements and marks that were asked for since the disk was made, the lost ones included.
    public private(set) var writes = 0
    /// The power is off: nothing is written, and nothing is answered.
    public private(set) var hasCrashed = false

    init(seed: UInt64) { random = SeededGenerator(seed: ~seed) }

    /// Lets the power fail after so many more writes. The write in which it fails is torn if it is an
    /// append: the first bytes of it, how many the seed decides, are on the disk. A replacement has
    /// happened wholly or not at all. What comes later is lost, and nobody gets an answer.
    public func crash(afterWrites count: Int) {
        precondition(count >= 0, "a disk fails after some number of writes")
        left = count
    }

    /// Puts the power back on. What is on the disk is there; locks are gone.
    public func recover() {
        hasCrashed = false
        left = nil
        locks.removeAll()
    }

    /// A file as it lies on the disk; nil where there is none. May be set from outside.
    public subscript(path: String) -> [UInt8]? {
        get { files[path] }
        set {
            files[path] = newValue
            durable[path] = newValue?.count
            forced[path] = nil
        }
    }

    /// The paths of all files, sorted.
    public var paths: [String] { files.keys.sorted() }

    // MARK: Operations; nil: no answer ever

    private func fetch(_ path: String) {
        guard let beneath, files[path] == nil, fetched.insert(path).inserted else { return }
        files[path] = beneath(path)
    }

    func read(_ path: String) -> RequestResult? {
        if hasCrashed { return nil }
        fetch(path)
        return files[path].map { .bytes($0) } ?? .failed(.noSuchFile)
    }

    /// - Returns: False at the write in which the power fails.
    private func write() -> Bool? {
        writes += 1
        if hasCrashed { return nil }
        guard let count = left else { return true }
        if count > 0 {
            left = count - 1
            return true
        }
        hasCrashed = true
        return false
    }

    /// The power is gone.
    private func loseAppends() {
        guard losesAppends else { return }
        for path in paths {
            if let content = forced.removeValue(forKey: path) {
                if Bool.random(using: &random) { files[path] = content }
                continue
            }
            guard let count = files[path]?.count else { continue }
            let kept = Int.random(in: (durable[path] ?? 0)...count, using: &random)
            files[path]?.removeLast(count - kept)
        }
    }

    func advance(_ path: String, past floor: UInt64, by count: UInt64) -> RequestResult? {
        fetch(path)
        if hasCrashed {
            writes += 1
            return nil
        }
        if isFull, files[path] == nil { return .failed(.noSpace) }
        do throws(SystemError) {
            let (first, content) = try SharedMark.take(
                count, past: floor, from: files[path] ?? [], path)
            guard let isWhole = write() else { return nil }
            if forced[path] == nil { forced[path] = files[path] ?? [] }
            if isWhole || Bool.random(using: &random) { files[path] = content }
            if !isWhole { loseAppends() }
            return isWhole ? .mark(first) : nil
        } catch {
            return .failed(error)
        }
    }

    func append(_ path: String, _ bytes: [UInt8]) -> RequestResult? {
        fetch(path)
        if isFull, !hasCrashed { return .failed(.noSpace) }
        guard let isWhole = write() else { return nil }
        let count = isWhole ? bytes.count : Int.random(in: 0...bytes.count, using: &random)
        if isWhole || count > 0 { files[path, default: []].append(contentsOf: bytes.prefix(count)) }
        if !isWhole { loseAppends() }
        return isWhole ? .done : nil
    }

    func replace(_ path: String, _ bytes: [UInt8]) -> RequestResult? {
        if isFull, !hasCrashed { return .failed(.noSpace) }
        guard let isWhole = write() else { return nil }
        if isWhole || Bool.random(using: &random) { self[path] = bytes }
        if !isWhole { loseAppends() }
        return isWhole ? .done : nil
    }
}
