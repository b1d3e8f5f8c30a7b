/// Which release of relink this is.
public enum Release {
    /// The version, as `relink --version` prints it.
    public static let version = "0.1.0"
}
