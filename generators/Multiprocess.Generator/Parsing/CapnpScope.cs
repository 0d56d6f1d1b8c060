using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>What the parsing of one contract of Cap'n Proto has found so far.</summary>
internal sealed class CapnpScope(INamedTypeSymbol root)
{
    private readonly HashSet<string> _names = [];

    public INamedTypeSymbol Root => root;

    /// <summary>For a contract without attributes: what is derived instead; null for one with attributes.</summary>
    public CapnpDerived? Derived { get; init; }

    /// <summary>For a contract without attributes: the shapes of its types.</summary>
    public FileScope? File { get; init; }

    /// <summary>For a contract without attributes: its id, which its inherited methods have too.</summary>
    public string? ContractId { get; set; }

    /// <summary>The delegate types that a contract without attributes uses, with their proxies and stubs.</summary>
    public List<CapnpContract> Delegates { get; } = [];

    /// <summary>The delegate types that were found, by their names.</summary>
    public HashSet<string> KnownDelegates { get; } = [];

    public Refusals Refusals { get; } = new();

    public List<CapnpStruct> Structs { get; } = [];

    public List<CapnpList> Lists { get; } = [];

    /// <summary>The codecs of types, by the types' names.</summary>
    public Dictionary<string, string> Codecs { get; } = [];

    /// <summary>
    /// The sizes of structs, by their codecs. Known before the fields of a struct that contains itself.
    /// </summary>
    public Dictionary<string, CapnpSize> Sizes { get; } = [];

    /// <summary>Takes a name for a generated type.</summary>
    public string Take(string name)
    {
        string candidate = name;
        for (int number = 2; !_names.Add(candidate); number++)
        {
            candidate = name + number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return candidate;
    }

    /// <summary>Parses something. If it is refused, nothing of it is left, and the reason is given.</summary>
    public T? Try<T>(Func<T> parse, out string? reason)
        where T : class
    {
        var names = _names.ToList();
        var codecs = Codecs.ToList();
        var sizes = Sizes.ToList();
        var delegates = KnownDelegates.ToList();
        (int structs, int lists, int contracts) = (Structs.Count, Lists.Count, Delegates.Count);
        T result = parse();
        if (Refusals.All.Count == 0)
        {
            reason = null;
            return result;
        }

        reason = Refusals.All[0].GetMessage(System.Globalization.CultureInfo.InvariantCulture);
        Refusals.Clear();
        Restore(_names, names);
        Restore(KnownDelegates, delegates);
        Restore(Codecs, codecs);
        Restore(Sizes, sizes);
        Structs.RemoveRange(structs, Structs.Count - structs);
        Lists.RemoveRange(lists, Lists.Count - lists);
        Delegates.RemoveRange(contracts, Delegates.Count - contracts);
        return null;
    }

    private static void Restore<T>(ICollection<T> target, List<T> before)
    {
        target.Clear();
        before.ForEach(target.Add);
    }

    /// <summary>Reports a shape that Cap'n Proto cannot have.</summary>
    public void Refuse(Site site, string reason) => Refusals.Add(Rules.CapnpShape, site.Location, site.Path, reason);

    /// <summary>Reports ordinals that are not those of a schema.</summary>
    public void RefuseOrdinal(Site site, string reason)
        => Refusals.Add(Rules.CapnpOrdinal, site.Location, site.Path, reason);
}
