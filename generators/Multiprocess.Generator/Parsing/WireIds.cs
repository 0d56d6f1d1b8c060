using System.Text;
using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Parsing;

/// <summary>The ids by which both sides know a method: hashes of its signature, so that reordering and adding change none.</summary>
internal static class WireIds
{
    /// <summary>The id of a signature: FNV-1a, 32 bits, over its UTF-8; never 0.</summary>
    public static uint OfSignature(string signature)
    {
        uint hash = 2166136261;
        foreach (byte b in Encoding.UTF8.GetBytes(signature))
        {
            hash = unchecked((hash ^ b) * 16777619);
        }

        return hash == 0 ? 1 : hash;
    }

    /// <summary>The fingerprint of a contract: FNV-1a, 64 bits, over the sorted ids, each as four bytes, least significant first.</summary>
    public static ulong Fingerprint(IEnumerable<uint> ids)
    {
        ulong hash = 14695981039346656037;
        foreach (uint id in ids.OrderBy(id => id))
        {
            for (int shift = 0; shift < 32; shift += 8)
            {
                hash = unchecked((hash ^ (byte)(id >> shift)) * 1099511628211);
            }
        }

        return hash;
    }

    /// <summary><c>Name(paramType,…):returnType</c>. A cancellation token is no part of it: it never crosses as a value.</summary>
    public static string Signature(string name, IEnumerable<IParameterSymbol> parameters, ITypeSymbol returnType)
    {
        var types = parameters.Where(parameter => !WellKnownTypes.IsCancellationToken(parameter.Type)).Select(Parameter);
        return name + "(" + string.Join(",", types) + "):" + TypeNames.Wire(returnType);
    }

    private static string Parameter(IParameterSymbol parameter) => parameter.RefKind switch
    {
        RefKind.Ref => "ref " + TypeNames.Wire(parameter.Type),
        RefKind.Out => "out " + TypeNames.Wire(parameter.Type),
        _ => TypeNames.Wire(parameter.Type), // 'in' is the caller's affair: the same value crosses.
    };
}
