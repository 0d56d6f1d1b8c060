using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>What the parsing of one contract of Cap'n Proto has found so far.</summary>
internal sealed class CapnpScope(INamedTypeSymbol root)
{
    private readonly HashSet<string> _names = [];

    public INamedTypeSymbol Root => root;

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

    /// <summary>Reports a shape that Cap'n Proto cannot have.</summary>
    public void Refuse(Site site, string reason) => Refusals.Add(Rules.CapnpShape, site.Location, site.Path, reason);

    /// <summary>Reports ordinals that are not those of a schema.</summary>
    public void RefuseOrdinal(Site site, string reason)
        => Refusals.Add(Rules.CapnpOrdinal, site.Location, site.Path, reason);
}
