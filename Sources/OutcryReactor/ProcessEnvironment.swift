import Glibc

/// The environment of this process.
public enum ProcessEnvironment {
    /// The values of some variables that are set; text that is not UTF-8 is repaired.
    public static func values(of names: [String]) -> [String: String] {
        var values: [String: String] = [:]
        for name in names {
            // Sound: the bytes are copied before anybody can change the variable.
            if let text = unsafe getenv(name) { values[name] = unsafe String(cString: text) }
        }
        return values
    }
}
