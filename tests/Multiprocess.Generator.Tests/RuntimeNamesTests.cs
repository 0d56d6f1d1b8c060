using System.ComponentModel;
using System.Reflection;
using Multiprocess.Generator.Model;
using Multiprocess.Generator.Parsing;
using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests;

/// <summary>The generator knows the runtime by name only; here the names meet the assembly.</summary>
public sealed class RuntimeNamesTests
{
    private static IEnumerable<string> TypeNames => CodecTable.RuntimeTypes;

    private static IEnumerable<string> AttributeNames =>
    [
        WellKnownTypes.IpcInterface, WellKnownTypes.IpcFault, WellKnownTypes.IpcMethod, WellKnownTypes.IpcOneWay,
        WellKnownTypes.IpcLocal, WellKnownTypes.IpcUnion, WellKnownTypes.IpcConverter, WellKnownTypes.IpcSensitive,
        WellKnownTypes.ConverterInterface
    ];

    [TestCaseSource(nameof(TypeNames))]
    public void Runtime_type_exists_and_is_public(string name)
    {
        string fullName = RuntimeNames.Write(name, qualify: true)["global::".Length..];

        var found = typeof(IpcInterfaceAttribute).Assembly.GetExportedTypes()
            .Concat(typeof(MessagePackReader).Assembly.GetExportedTypes())
            .Where(type => type.FullName!.Split('`')[0] == fullName);

        Assert.That(found, Is.Not.Empty);
    }

    /// <summary>
    /// Users complete names in the public namespace; what only generated code calls is not offered to them.
    /// </summary>
    [Test]
    public void Generated_namespace_is_hidden_from_completion()
    {
        Type[] types =
            [
                .. typeof(IpcInterfaceAttribute).Assembly.GetExportedTypes().Where(
                    type => type.Namespace == RuntimeNames.Generated),
            ];

        Assert.That(types, Is.Not.Empty);
        Assert.That(
            types.Where(
                type => type.GetCustomAttribute<EditorBrowsableAttribute>()?.State != EditorBrowsableState.Never),
            Is.Empty);
    }

    [TestCaseSource(nameof(AttributeNames))]
    public void Attribute_exists(string name)
    {
        Assert.That(typeof(IpcInterfaceAttribute).Assembly.GetType(name), Is.Not.Null);
    }

    [Test]
    public void Every_type_of_the_table_exists_and_its_codec_carries_it()
    {
        var members = new List<string>();
        foreach (string type in CodecTable.KnownTypes.Order(StringComparer.Ordinal))
        {
            string[] parts = type.Split('`');
            string arguments = parts.Length == 1 ? ""
                : type == "System.Buffers.ReadOnlySequence`1" ? "<byte>"
                : parts[1] == "1" ? "<int>" : "<int, System.Guid>";
            members.Add($"global::{parts[0]}{arguments} M{members.Count}(global::{parts[0]}{arguments} value);");
        }

        GeneratorRun.GenerateAndCompile(
            $"namespace Demo; [Multiprocess.IpcInterface] public interface IAll {{ {string.Join("\n", members)} }}");

        Assert.That(members, Has.Count.GreaterThan(70));
    }
}
