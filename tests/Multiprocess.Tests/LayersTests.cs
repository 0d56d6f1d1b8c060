using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Multiprocess.Serialization;

namespace Multiprocess.Tests;

/// <summary>Each layer of the runtime sees only those before it: checked on the compiled assembly, method bodies included.</summary>
public sealed class LayersTests
{
    private const string Root = "Multiprocess";

    // Calls hand the connection to user code, as the context of a call.
    private const string Owner = "the context of a call, and its owner, belong to the public face";

    // The folders by their place; those with the same number see each other.
    private static readonly Dictionary<string, int> s_layers = new()
    {
        ["Logging"] = 0,
        ["Transports"] = 1,
        ["Serialization"] = 2,
        ["Framing"] = 3,
        ["Messages"] = 3,
        ["Objects"] = 4,
        ["Threads"] = 4,
        ["Faults"] = 4,
        ["Calls"] = 5,
        ["Contracts"] = 5,
        ["Connections"] = 6,
        [Root] = 7,
    };

    /// <summary>What the public face says about every layer: each sees these.</summary>
    private static readonly string[] s_vocabulary =
    [
        "IpcErrorKind", "IpcException", "IpcDisconnectedException", "IpcTimeoutException", "IpcRemoteException", "IpcProtocolException",
        "IpcLimits", "IpcConnectionOptions", "IpcServerOptions", "IpcSpawnOptions", "IpcPeer", "IpcLiveObject", "IpcAddress", "IpcAddressKind", "IpcFaultAttribute", "IIpcConverter`1", "SecretString",
    ];

    /// <summary>References against the order, each with the reason for which it is left; one that is gone must leave this list.</summary>
    private static readonly Dictionary<string, string> s_left = new()
    {
        ["Calls.AcceptedCall -> Connections.ConnectionCore"] = Owner,
        ["Calls.AcceptedCall -> IpcConnection"] = Owner,
        ["Calls.CallChannel -> IpcCallContext"] = Owner,
        ["Calls.CallChannel -> IpcConnection"] = Owner,
        ["Calls.IncomingCalls -> IpcCall"] = Owner,
        ["Calls.IncomingCalls -> IpcCallContext"] = Owner,
        ["Connections.ConnectionCore -> IpcConnection"] = Owner,
        ["Connections.ServedConnection -> IpcConnection"] = Owner,
        ["Threads.RunningCall -> IpcCallContext"] = Owner,
    };

    [Test]
    public void Every_folder_has_its_place()
        => Assert.That(TopTypes().Select(Layer).Distinct().Where(layer => !s_layers.ContainsKey(layer)), Is.Empty);

    [Test]
    public void Every_layer_sees_only_those_before_it()
    {
        var against = new SortedSet<string>(StringComparer.Ordinal);
        foreach (Type type in TopTypes().SelectMany(WithNested))
        {
            foreach (Type used in Uses(type).SelectMany(Parts).Where(used => used.Assembly == type.Assembly && Top(used).Namespace is not null))
            {
                if (s_layers[Layer(Top(used))] > s_layers[Layer(Top(type))] && !IsSeam(Top(type), Top(used)))
                {
                    against.Add($"{Name(Top(type))} -> {Name(Top(used))}");
                }
            }
        }

        Assert.That(string.Join('\n', against), Is.EqualTo(string.Join('\n', s_left.Keys.Order(StringComparer.Ordinal))));
    }

    /// <summary>Generated code's folder stands beside Calls, but what crosses by reference or throws is told by it below as well.</summary>
    private static bool IsSeam(Type type, Type used)
        => (Layer(used) == Root && s_vocabulary.Contains(used.Name))
            || (Layer(used) == "Contracts" && Layer(type) is "Objects" or "Faults");

    private static IEnumerable<Type> TopTypes()
        => typeof(MessagePackReader).Assembly.GetTypes().Where(type
            => !type.IsNested && type.Namespace?.StartsWith(Root, StringComparison.Ordinal) == true && type.GetCustomAttribute<CompilerGeneratedAttribute>() is null);

    private static IEnumerable<Type> WithNested(Type type)
        => type.GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic).SelectMany(WithNested).Prepend(type);

    private static Type Top(Type type) => type.DeclaringType is { } outer ? Top(outer) : type;

    private static string Name(Type type) => type.FullName![(Root.Length + 1)..];

    private static string Layer(Type type) => type.Namespace == Root ? Root : type.Namespace?.Split('.') is [Root, var layer, ..] ? layer : Root;

    private static IEnumerable<Type> Parts(Type? type)
    {
        while (type is { HasElementType: true })
        {
            type = type.GetElementType();
        }

        return type is null || type.IsGenericParameter ? [] : type.GetGenericArguments().SelectMany(Parts).Append(type);
    }

    private static IEnumerable<Type> Uses(Type type)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        IEnumerable<Type> uses = type.GetInterfaces().Append(type.BaseType!).Concat(type.GetFields(All).Select(field => field.FieldType));
        foreach (MethodBase method in type.GetMethods(All).Concat<MethodBase>(type.GetConstructors(All)))
        {
            uses = uses.Concat(method.GetParameters().Select(parameter => parameter.ParameterType)).Concat(UsesOfBody(method));
            if (method is MethodInfo { ReturnType: var result })
            {
                uses = uses.Append(result);
            }
        }

        return uses.Where(use => use is not null);
    }

    private static IEnumerable<Type> UsesOfBody(MethodBase method)
    {
        if (method.GetMethodBody() is not { } body)
        {
            yield break;
        }

        foreach (LocalVariableInfo local in body.LocalVariables)
        {
            yield return local.LocalType;
        }

        Type[] ofType = method.DeclaringType!.GetGenericArguments();
        Type[] ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : [];
        foreach (int token in Tokens(body.GetILAsByteArray()!))
        {
            MemberInfo member = method.Module.ResolveMember(token, ofType, ofMethod)!;
            yield return member as Type ?? member.DeclaringType!;
            foreach (Type argument in member is MethodInfo { IsGenericMethod: true } called ? called.GetGenericArguments() : [])
            {
                yield return argument;
            }
        }
    }

    /// <summary>The tokens of the members that a method's code names.</summary>
    private static IEnumerable<int> Tokens(byte[] code)
    {
        Dictionary<short, OpCode> known = typeof(OpCodes).GetFields().Select(field => (OpCode)field.GetValue(null)!).ToDictionary(each => each.Value);
        for (int at = 0; at < code.Length;)
        {
            OpCode operation = known[code[at] == 0xfe ? unchecked((short)(0xfe00 | code[++at])) : code[at]];
            at++;
            if (operation.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
            {
                yield return BitConverter.ToInt32(code, at);
            }

            at += operation.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }
}
