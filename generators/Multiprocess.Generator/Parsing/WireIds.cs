using System.Text;
using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>
/// The ids by which both sides identify a method: hashes of its signature, so that reordering and adding change no id.
/// </summary>
internal static class WireIds
{
    private const ulong Start = 14695981039346656037;
    private const ulong Prime = 1099511628211;

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

    /// <summary>
    /// The fingerprint of a contract: FNV-1a, 64 bits, over its calls by rising id: the id as four bytes, least
    /// significant first, and the shape.
    /// </summary>
    public static ulong Fingerprint(IEnumerable<CallModel> calls)
    {
        ulong hash = Start;
        foreach (var call in calls.OrderBy(call => call.Id))
        {
            for (int shift = 0; shift < 32; shift += 8)
            {
                hash = unchecked((hash ^ (byte)(call.Id >> shift)) * Prime);
            }

            hash = Hash(call.Description, hash);
        }

        return hash;
    }

    /// <summary>FNV-1a, 64 bits, over a text's UTF-8.</summary>
    public static ulong Hash(string text, ulong hash = Start)
    {
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            hash = unchecked((hash ^ b) * Prime);
        }

        return hash;
    }

    /// <summary>
    /// <c>Name(paramType,…):returnType</c>. Without cancellation tokens, which never cross as values.
    /// </summary>
    public static string Signature(IMethodSymbol method) => Signature(
        method.MetadataName,
        method.Parameters.Where(parameter => !WellKnownTypes.IsCancellationToken(parameter.Type))
            .Select(parameter => Passing(parameter) + TypeNames.Wire(parameter.Type)),
        TypeNames.Wire(method.ReturnType));

    public static string Signature(string name, IEnumerable<string> parameters, string result)
        => name + "(" + string.Join(",", parameters) + "):" + result;

    /// <summary>The word before a parameter's type. 'in' is left out: the same value crosses.</summary>
    public static string Passing(IParameterSymbol parameter) => parameter.RefKind switch
    {
        RefKind.Ref => "ref ",
        RefKind.Out => "out ",
        _ => "",
    };
}
