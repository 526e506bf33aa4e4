/// Where a driver is to write its journal.
public struct JournalFileOptions: Sendable {
    /// The first file; the next parts get `.1`, `.2` … behind it.
    ///
    /// It is for its owner's eyes only (mode 600): what came is in it as it came, in clear if
    /// there is no ``key``. Where there is one
    /// already, `-2`, `-3` … stands behind it: no journal is ever written over.
    public var path: String
    /// The size at which the next part begins, in bytes.
    public var partSize = 256 << 20
    /// What is recorded: the program's name.
    public var name = ""

    /// Hides what is written; nil: it is in clear.
    public var key: JournalKey?

    /// A journal in `path`.
    public init(path: String) { self.path = path }
}
