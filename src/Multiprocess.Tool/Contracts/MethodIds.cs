using System.Text;

namespace Multiprocess.Tool.Contracts;

/// <summary>The ids of methods for which the contract gives none.</summary>
internal static class MethodIds
{
    /// <summary>FNV-1a over the text of the signature, as PROTOCOL.md says.</summary>
    public static uint Of(ContractBook book, Method method)
    {
        uint hash = 2166136261;
        foreach (byte part in Encoding.UTF8.GetBytes(Signature(book, method)))
        {
            hash = unchecked((hash ^ part) * 16777619);
        }

        return hash == 0 ? 1 : hash;
    }

    private static string Signature(ContractBook book, Method method)
        => $"{method.Name}({string.Join(",", method.Parameters.Where(parameter => !parameter.IsToken).Select(parameter => Passed(parameter) + Spell(book, parameter.Type)))}):{Spell(book, method.Result.Type)}";

    private static string Passed(Parameter parameter) => parameter.Passing switch
    {
        Passing.Ref => "ref ",
        Passing.Out => "out ",
        _ => "",
    };

    // An id depends on whether a value type may be null, but not on whether a reference may be. Only the type's name
    // tells whether a type is a value type.
    private static string Spell(ContractBook book, TypeName type)
        => (type.Rank > 0 ? $"{Spell(book, type.Arguments[0])}[{new string(',', type.Rank - 1)}]"
            : type.Arguments.Count == 0 ? type.Name
            : $"{type.Name}<{string.Join(", ", type.Arguments.Select(argument => Spell(book, argument)))}>") + (type.IsNullable && ValueTypes.Contains(book, type) ? "?" : "");
}
