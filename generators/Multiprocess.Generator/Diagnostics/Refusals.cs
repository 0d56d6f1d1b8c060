using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Diagnostics;

/// <summary>The refusals of a contract, in the order in which they were found.</summary>
internal sealed class Refusals
{
    private readonly List<Diagnostic> _all = [];
    private readonly HashSet<(string Id, Location Location, string Message)> _seen = [];

    public IReadOnlyList<Diagnostic> All => _all;

    /// <summary>Forgets all refusals, because what was refused is left out.</summary>
    public void Clear()
    {
        _all.Clear();
        _seen.Clear();
    }

    /// <summary>Reports a refusal, once for each place and text.</summary>
    public void Add(DiagnosticDescriptor rule, Location location, params object[] arguments)
    {
        var diagnostic = Diagnostic.Create(rule, location, arguments);
        if (_seen.Add((rule.Id, location, diagnostic.GetMessage())))
        {
            _all.Add(diagnostic);
        }
    }
}
