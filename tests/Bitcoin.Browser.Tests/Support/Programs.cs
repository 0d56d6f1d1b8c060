namespace Bitcoin.Browser.Support;

/// <summary>The programs that serve the page.</summary>
internal static class Programs
{
    /// <summary>In several processes, and all in one.</summary>
    internal static IEnumerable<string> All => [Several, "bitcoin-qt"];

    /// <summary>The user interface whose node and wallets are processes of their own.</summary>
    internal const string Several = "bitcoin-gui";
}
