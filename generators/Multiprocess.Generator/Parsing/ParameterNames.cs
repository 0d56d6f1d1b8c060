namespace Multiprocess.Generator.Parsing;

/// <summary>
/// Names for the parameters of a call: the user's names, unless generated code uses the name for something else.
/// </summary>
/// <remarks>
/// An explicit implementation may name its parameters freely. Underscores are only added, never removed, so different
/// names stay different.
/// </remarks>
internal static class ParameterNames
{
    /// <summary>The prefix of local variables in generated code.</summary>
    private const string OwnPrefix = "ipc";

    /// <summary>
    /// Names that proxies and stubs use without a qualifier. A test compares the list with the base class.
    /// </summary>
    private static readonly HashSet<string> s_reserved =
    [
        "target", "call", "field", "Proxy",
        "Delegate", "DisposeRemote", "DisposeRemoteAsync", "Describe", "IsHandlerLost", "IsMethodMissing", "MayHave",
        "OrElse",
        "StartAsyncCall", "StartCall", "StartOneWayCall", "StartOneWayOrFirstCall",
    ];

    public static IEnumerable<string> Reserved => s_reserved;

    /// <summary>The parameter as generated code names it.</summary>
    public static string Of(string parameter)
    {
        string stem = parameter.TrimEnd('_');

        // A parameter called "_" would be a discard in the stub's declaration.
        bool isOurs = stem.Length == 0
            || parameter.StartsWith(OwnPrefix, StringComparison.Ordinal)
            || s_reserved.Contains(stem);
        return isOurs ? parameter + "_" : TypeNames.Escape(parameter);
    }
}
