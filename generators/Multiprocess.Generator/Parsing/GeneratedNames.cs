using System.Globalization;
using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Parsing;

/// <summary>Names for the generated types of one file.</summary>
/// <remarks>
/// Generated types are file-local, so types of two files never clash, and user code cannot name them. Within its
/// file, a generated type could hide a type of the same name in the namespace, or a runtime type.
/// </remarks>
internal sealed class GeneratedNames(INamespaceSymbol space)
{
    /// <summary>
    /// Metadata allows names of 1,023 bytes, including the namespace and the compiler's prefix for file-local types.
    /// </summary>
    private const int LongestName = 120;

    private readonly HashSet<string> _taken = new(CodecTable.RuntimeTypes);

    /// <summary>
    /// Takes the names of a contract's proxy and stub, <c>CalculatorProxy</c> and <c>CalculatorStub</c> for
    /// <c>ICalculator</c>.
    /// </summary>
    /// <returns>The common prefix of both names.</returns>
    public string TakeContract(INamedTypeSymbol type)
    {
        string name = TypeNames.Identifier(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated));
        bool hasI = type.TypeKind == TypeKind.Interface && name.Length > 1 && name[0] == 'I' && char.IsUpper(name[1]);
        return Take(hasI ? name.Substring(1) : name, "Proxy", "Stub");
    }

    /// <summary>Takes the name of the codec of a type that crosses by value.</summary>
    public string TakeCodec(INamedTypeSymbol type) => Take(TypeNames.Identifier(type), "Codec") + "Codec";

    /// <summary>Takes the name of the type that creates a formatter: <c>MakesVector3Formatter</c>.</summary>
    public string TakeFormatter(INamedTypeSymbol type) => Take("Makes" + TypeNames.Identifier(type), "");

    /// <summary>Takes the name of an exception's codec: <c>QuotaExceptionFaultCodec</c>.</summary>
    public string TakeFaultCodec(INamedTypeSymbol type) => Take(type.Name, "FaultCodec") + "FaultCodec";

    /// <summary>Takes names; as long as one of them is taken, a number is inserted before the suffixes.</summary>
    private string Take(string prefix, params string[] suffixes)
    {
        if (prefix.Length > LongestName)
        {
            prefix = prefix.Substring(0, LongestName)
                + "_"
                + WireIds.OfSignature(prefix).ToString("X8", CultureInfo.InvariantCulture);
        }

        string candidate = prefix;
        for (int number = 2; suffixes.Any(suffix => IsTaken(candidate + suffix)); number++)
        {
            candidate = prefix + number;
        }

        foreach (string suffix in suffixes)
        {
            _taken.Add(candidate + suffix);
        }

        return candidate;
    }

    private bool IsTaken(string name) => _taken.Contains(name) || space.GetMembers(name).Any();
}
