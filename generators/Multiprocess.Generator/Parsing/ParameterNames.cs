namespace Multiprocess.Generator.Parsing;

/// <summary>Names for the parameters of a call: the user's own, except where generated code means something else by them.</summary>
/// <remarks>
/// An explicit implementation may name its parameters as it likes. Underscores are added and never taken away, so names
/// that differ stay different.
/// </remarks>
internal static class ParameterNames
{
    /// <summary>How the names of our own locals begin.</summary>
    private const string OwnPrefix = "ipc";

    /// <summary>What proxies and stubs write without a qualifier. A test holds the list against the base class.</summary>
    private static readonly HashSet<string> s_reserved =
    [
        "target", "call", "field", "Proxy",
        "Delegate", "DisposeRemote", "DisposeRemoteAsync", "Describe", "IsHandlerLost", "IsMethodMissing", "MayHave", "OrElse",
        "StartAsyncCall", "StartCall", "StartOneWayCall", "StartOneWayOrFirstCall",
    ];

    public static IEnumerable<string> Reserved => s_reserved;

    /// <summary>The parameter as generated code names it.</summary>
    public static string Of(string parameter)
    {
        string stem = parameter.TrimEnd('_');

        // A parameter called "_" would be a discard where the stub declares it.
        bool isOurs = stem.Length == 0 || parameter.StartsWith(OwnPrefix, StringComparison.Ordinal) || s_reserved.Contains(stem);
        return isOurs ? parameter + "_" : TypeNames.Escape(parameter);
    }
}
