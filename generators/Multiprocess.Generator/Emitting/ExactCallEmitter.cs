using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Emitting;

/// <summary>
/// Prints calls of overloads that ordinary C# would not choose, because another overload has a higher priority.
/// </summary>
internal static class ExactCallEmitter
{
    /// <summary>The name of the method that makes the call.</summary>
    public static string Name(CallModel call)
        => "Exact" + call.Id.ToString("X8", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Declares the methods that make these calls, as members of a class.</summary>
    public static void Emit(CodeWriter code, ContractModel contract)
    {
        foreach (var member in contract.Members)
        {
            foreach (var call in member.Calls.Where(call => call.ExactName is not null))
            {
                string result = call.Access is Access.Set or Access.SetIndexed ? "void" : member.Type;
                string parameters = string.Concat(
                    call.Parameters.Select(parameter => ", " + ProxyEmitter.Parameter(parameter)));
                code.Space();
                code.Write($"""
                    // Calls exactly this overload, regardless of priorities: {call.Signature}
                    [global::System.Runtime.CompilerServices.UnsafeAccessor(global::System.Runtime.CompilerServices.UnsafeAccessorKind.Method, Name = {EmitContext.Literal(call.ExactName!)})]
                    private static extern {result} {Name(call)}({member.Owner} target{parameters});
                    """);
            }
        }
    }
}
