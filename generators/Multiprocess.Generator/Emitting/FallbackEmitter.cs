using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Emitting;

/// <summary>
/// Prints the object on which a default body runs when the peer lacks the member: its other members are those of the
/// proxy.
/// </summary>
/// <remarks>
/// C# cannot call an interface's own body if a class implements the member. So, for each member with a body, a class is
/// emitted that implements all members except that one.
/// </remarks>
internal sealed class FallbackEmitter(CodeWriter code, ContractModel contract)
{
    private const string Base = "Fallback";

    /// <summary>The call of a member's own body; null if there is none, or if it cannot run after the answer.</summary>
    public static string? Invocation(MemberModel member, CallModel call)
    {
        // When an asynchronous call is answered, arguments on the caller's stack no longer exist.
        bool isGone = call.Kind is CallKind.Task or CallKind.ValueTask
            && call.Parameters.Any(
                parameter => parameter.Kind is ParameterKind.Bytes or ParameterKind.In or ParameterKind.RefReadOnly);
        return member.Fallback is null || isGone
            ? null
            : Access($"(({member.Owner})new {member.Fallback}(this))", member, call);
    }

    public void Emit()
    {
        code.Space();
        code.Write("// The 'this' of a default body that runs here: all other members go through the proxy.");
        code.Open($"private class {Base}({contract.Type} proxy) : {contract.Type}");
        code.Write($"protected {contract.Type} Proxy {{ get; }} = proxy;");
        EmitMembers(contract.Members.Where(member => member.Fallback is null));
        code.Close();
        foreach (var member in contract.Members.Where(member => member.Fallback is not null))
        {
            var others = contract.Members.Where(other => other.Fallback is not null && other != member).ToList();
            code.Space();
            if (others.Count == 0)
            {
                code.Write($"private sealed class {member.Fallback}({contract.Type} proxy) : {Base}(proxy);");
                continue;
            }

            code.Open(
                $"private sealed class {member.Fallback}({contract.Type} proxy) : {Base}(proxy), {contract.Type}");
            EmitMember(others[0]);
            EmitMembers(others.Skip(1));
            code.Close();
        }
    }

    private static string Access(string target, MemberModel member, CallModel call)
    {
        var arguments = call.Parameters.Select(Argument).ToList();
        if (call.ExactName is not null)
        {
            return $"{ExactCallEmitter.Name(call)}({string.Join(", ", arguments.Prepend(target))})";
        }

        string last = arguments.LastOrDefault() ?? "";
        return call.Access switch
        {
            Model.Access.Get => $"{target}.{member.Name}",
            Model.Access.Set => $"{target}.{member.Name} = {last}",
            Model.Access.GetIndexed => $"{target}[{string.Join(", ", arguments)}]",
            Model.Access.SetIndexed => $"{target}[{string.Join(", ", arguments.Take(arguments.Count - 1))}] = {last}",
            Model.Access.Add => $"{target}.{member.Name} += {last}",
            Model.Access.Remove => $"{target}.{member.Name} -= {last}",
            _ => $"{target}.{member.Name}({string.Join(", ", arguments)})",
        };
    }

    private static string Argument(ParameterModel parameter) => parameter.Kind switch
    {
        ParameterKind.In or ParameterKind.RefReadOnly => "in ",
        ParameterKind.Ref => "ref ",
        ParameterKind.Out => "out ",
        _ => "",
    } + parameter.Name;

    private void EmitMembers(IEnumerable<MemberModel> members)
    {
        foreach (var member in members)
        {
            code.Space();
            EmitMember(member);
        }
    }

    private void EmitMember(MemberModel member)
    {
        string target = $"(({member.Owner})Proxy)";
        if (member.Kind == MemberKind.Method)
        {
            var call = member.Calls[0];
            code.Write(
                $"{member.Type} {member.Owner}.{member.Name}({ProxyEmitter.Parameters(call.Parameters)}) => "
                    + $"{Access(target, member, call)};");
            return;
        }

        code.Open(member.Kind switch
        {
            MemberKind.Event => $"event {member.Type} {member.Owner}.{member.Name}",
            MemberKind.Indexer
                => $"{member.Type} {member.Owner}.this[{ProxyEmitter.Parameters(member.IndexParameters)}]",
            _ => $"{member.Type} {member.Owner}.{member.Name}",
        });
        foreach (var call in member.Calls)
        {
            code.Write($"{ProxyEmitter.Accessor(call)} => {Access(target, member, call)};");
        }

        code.Close();
    }
}
