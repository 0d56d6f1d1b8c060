using System.Globalization;
using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Parsing;

/// <summary>Names for the generated types of one file.</summary>
/// <remarks>
/// Only their file sees generated types, so those of two files never meet, and no code of the user's can name one. What is
/// left is the file itself: there a generated type would hide a type of its name in the namespace, and a runtime type.
/// </remarks>
internal sealed class GeneratedNames(INamespaceSymbol space)
{
    /// <summary>Metadata takes names of 1,023 bytes, with the namespace and what the compiler adds for the file.</summary>
    private const int LongestName = 120;

    private readonly HashSet<string> _taken = new(CodecTable.RuntimeTypes);

    /// <summary>Takes the names of a contract's proxy and stub, <c>CalculatorProxy</c> and <c>CalculatorStub</c> for <c>ICalculator</c>.</summary>
    /// <returns>What both names begin with.</returns>
    public string TakeContract(INamedTypeSymbol type)
    {
        string name = TypeNames.Identifier(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated));
        bool hasI = type.TypeKind == TypeKind.Interface && name.Length > 1 && name[0] == 'I' && char.IsUpper(name[1]);
        return Take(hasI ? name.Substring(1) : name, "Proxy", "Stub");
    }

    /// <summary>Takes the name of the codec of a type that crosses by value.</summary>
    public string TakeCodec(INamedTypeSymbol type) => Take(TypeNames.Identifier(type), "Codec") + "Codec";

    /// <summary>Takes the name of what makes a formatter: <c>MakesVector3Formatter</c>.</summary>
    public string TakeFormatter(INamedTypeSymbol type) => Take("Makes" + TypeNames.Identifier(type), "");

    /// <summary>Takes the name of an exception's codec: <c>QuotaExceptionFaultCodec</c>.</summary>
    public string TakeFaultCodec(INamedTypeSymbol type) => Take(type.Name, "FaultCodec") + "FaultCodec";

    /// <summary>Takes names, with a number before their suffixes while one of them is taken.</summary>
    private string Take(string prefix, params string[] suffixes)
    {
        if (prefix.Length > LongestName)
        {
            prefix = prefix.Substring(0, LongestName) + "_" + WireIds.OfSignature(prefix).ToString("X8", CultureInfo.InvariantCulture);
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
