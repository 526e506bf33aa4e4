import Glibc

/// A folder with keys: for its owner alone, and for one program at a time while it is open.
struct KeyFolder {
    let path: String
    private let descriptor: Int32
    /// What mistakes are told of: the option that named the folder.
    private let option: String

    /// Opens a folder, which is made if it is not there; a new one among the temporary if none is named.
    ///
    /// - Parameter isOwn: It has to be the user's, and closed to others: looked at before it is waited for,
    ///   since whoever may open it can hold it for good.
    /// - Throws: ``UsageError`` when it cannot be made or opened, or is not as it has to be.
    init(
        _ named: String?, option: String = "--tls", isOwn: Bool = false
    ) throws(UsageError) {
        self.option = option
        let place: String
        if let named {
            place = named
            if unsafe mkdir(named, 0o700) != 0, errno != EEXIST {
                throw Self.problem(option, "a folder that can be made", named)
            }
        } else {
            let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
            var template = Array("\(parent)/outcry-sandbox-XXXXXX".utf8CString)
            guard unsafe mkdtemp(&template) != nil else {
                throw Self.problem(option, "a folder for temporary files", parent)
            }
            let bytes = template.dropLast().map { UInt8(bitPattern: $0) }
            place = String(decoding: bytes, as: UTF8.self)
        }
        descriptor = unsafe open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.problem(option, "a folder", place) }
        // Whole, since other programs are told of it.
        let whole = unsafe realpath(place, nil)
        path = unsafe whole.map { unsafe String(cString: $0) } ?? place
        unsafe free(whole)
        if isOwn {
            do throws(UsageError) { try requireOwn() } catch {
                close()
                throw error
            }
        }
        // Two programs that begin at once would mix their keys.
        while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
    }

    /// Lets other programs in.
    func close() { _ = Glibc.close(descriptor) }

    /// Refuses a folder that others own, or can look into.
    private func requireOwn() throws(UsageError) {
        var facts = stat()
        guard unsafe fstat(descriptor, &facts) == 0, facts.st_uid == geteuid(),
            facts.st_mode & 0o077 == 0
        else {
            throw UsageError(
                "\(option): expected \(path) to be yours and for you alone (mode 700), found "
                    + "owner \(facts.st_uid), mode \(String(facts.st_mode & 0o777, radix: 8))")
        }
    }

    /// The names of its files, in order.
    func names() -> [String] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { text in
                unsafe text.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes a file, if it is there.
    func remove(_ name: String) { _ = unsafe unlinkat(descriptor, name, 0) }

    /// The content of a file; nil if there is none.
    ///
    /// - Throws: ``UsageError`` when it cannot be read, or is a secret that others can read.
    func read(_ name: String, isSecret: Bool) throws(UsageError) -> String? {
        let place = "\(path)/\(name)"
        var facts = stat()
        guard unsafe fstatat(descriptor, name, &facts, 0) == 0 else {
            guard errno == ENOENT else { throw Self.problem(option, "a file", place) }
            return nil
        }
        if isSecret, facts.st_mode & 0o077 != 0 {
            throw UsageError(
                "\(option): expected \(place) to be for its owner alone (mode 600), found mode "
                    + String(facts.st_mode & 0o777, radix: 8))
        }
        return String(decoding: try Files.bytes(place), as: UTF8.self)
    }

    /// Writes a file at once or not at all: mode 600 for a secret, 644 for others.
    ///
    /// - Throws: ``UsageError`` when the system does not let it.
    func write(_ text: String, to name: String, isSecret: Bool) throws(UsageError) {
        let temporary = ".\(name).new"
        _ = unsafe unlinkat(descriptor, temporary, 0)
        let file = unsafe openat(
            descriptor, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
            isSecret ? 0o600 : 0o644)
        guard file >= 0 else { throw Self.problem(option, "to write", "\(path)/\(name)") }
        let bytes = Array(text.utf8)
        let written = unsafe Glibc.write(file, bytes, bytes.count)
        let isKept = written == bytes.count && fsync(file) == 0
        let problem = Self.problem(option, "to write", "\(path)/\(name)")
        _ = Glibc.close(file)
        guard isKept, unsafe renameat(descriptor, temporary, descriptor, name) == 0 else {
            throw problem
        }
    }

    private static func problem(
        _ option: String, _ expected: String, _ path: String
    ) -> UsageError {
        UsageError(
            "\(option): expected \(expected), found \"\(path)\" "
                + "(\(unsafe String(cString: strerror(errno))))")
    }
}
