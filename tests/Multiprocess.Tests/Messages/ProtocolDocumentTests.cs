using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Example;
using Multiprocess.Faults;
using Multiprocess.Generated;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Protocols;

namespace Multiprocess.Tests.Messages;

/// <summary>
/// Holds PROTOCOL.md against the code: every example is read, compared with what is stated next to it, and written
/// again.
/// </summary>
public sealed partial class ProtocolDocumentTests
{
    private static readonly string[] s_document = File.ReadAllLines(Path.Combine(Root(), "src", "PROTOCOL.md"));

    private static IEnumerable<TestCaseData> Examples
        => WireExample.ReadAll(s_document).Select(
            example => new TestCaseData(example).SetArgDisplayNames(example.ToString()));

    private static IEnumerable<TestCaseData> Values => s_document
        .Select((line, i) => (Match: ValueRow().Match(line), Number: i + 1))
        .Where(row => row.Match.Success)
        .Select(row => new TestCaseData(row.Match.Groups["example"].Value, row.Match.Groups["bytes"].Value)
            .SetArgDisplayNames($"line {row.Number}, {row.Match.Groups["example"].Value}"));

    private static IEnumerable<TestCaseData> Signatures => s_document
        .Select(line => SignatureRow().Match(line))
        .Where(match => match.Success)
        .Select(
            match => new TestCaseData(
                match.Groups["id"].Value, match.Groups["text"].Value).SetArgDisplayNames(match.Groups["text"].Value));

    [TestCaseSource(nameof(Examples))]
    public void Example_has_the_fields_that_are_stated(object example)
        => Assert.That(((WireExample)example).Decode(), Is.EquivalentTo(((WireExample)example).Fields));

    [TestCaseSource(nameof(Examples))]
    public void Example_is_written_again_byte_for_byte(object example)
        => Assert.That(
            Convert.ToHexString(((WireExample)example).Rewrite()),
            Is.EqualTo(Convert.ToHexString(((WireExample)example).Frame)));

    [Test]
    public void Every_message_has_an_example()
        => Assert.That(
            WireExample.ReadAll(s_document).Select(example => example.Fields["type"]).Distinct(),
            Is.EquivalentTo(Enum.GetNames<MessageType>()));

    [TestCaseSource(nameof(Values))]
    public void Value_is_encoded_as_the_table_says(string example, string bytes)
        => Assert.That(Convert.ToHexStringLower(DocumentedValues.Encode(example)), Is.EqualTo(bytes.Replace(" ", "")));

    [Test]
    public void Every_known_value_stands_in_the_table()
        => Assert.That(Values.Select(row => row.Arguments[0]), Is.EquivalentTo(DocumentedValues.Examples));

    [TestCaseSource(nameof(Signatures))]
    public void Method_id_is_the_hash_of_its_signature(string id, string text)
    {
        uint hash = 2166136261;
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            hash = unchecked((hash ^ b) * 16777619);
        }

        uint number = Convert.ToUInt32(id, 16);
        string name = text[..text.IndexOf('(', StringComparison.Ordinal)];

        Assert.That(hash, Is.EqualTo(number));
        Assert.That(
            new[]
            {
                NameOf<ICalculator>(number),
                GeneratedNameOf<Action<int>>(number),
                GeneratedNameOf<EventHandler<int>>(number),
            },
            Has.Exactly(1).EqualTo(name),
            "The generator gives this method another id.");
    }

    [Test]
    public void Every_method_of_the_contract_stands_in_the_table()
    {
        string[] accessors =
            [
                .. typeof(ICalculator)
                    .GetMethods()
                    .Select(method => method.Name)
                    .Where(name => name != nameof(ICalculator.Reset)),
            ];

        IEnumerable<string> documented = Signatures.Select(row => (string)row.Arguments[1]!).Select(
            text => text[..text.IndexOf('(', StringComparison.Ordinal)]);

        Assert.That(documented.Where(name => name != "Invoke"), Is.EquivalentTo(accessors));
        Assert.That(NameOf<ICalculator>(7), Is.EqualTo(nameof(ICalculator.Reset)));
    }

    [Test]
    public void Hello_names_the_contract_as_the_generator_does()
    {
        WireExample hello = WireExample.ReadAll(s_document).First(
            example => example is { From: "server", Frame: [_, _, _, _, _, (byte)MessageType.Hello, ..] });

        Assert.That(hello.Fields["serves"], Is.EqualTo(WireNotation.Quote(ContractBinding<ICalculator>.Instance.Name)));
        Assert.That(
            hello.Fields["servesFingerprint"],
            Is.EqualTo($"0x{ContractBinding<ICalculator>.Instance.Fingerprint:x16}"));
        Assert.That(
            hello.Fields["version"], Is.EqualTo(HelloMessage.CurrentVersion.ToString(CultureInfo.InvariantCulture)));
    }

    [Test]
    public void Shape_is_the_one_that_the_generator_describes()
    {
        WireExample shape = WireExample.ReadAll(s_document).Single(
            example => example.Fields["type"] == nameof(MessageType.Shape));
        uint method = Convert.ToUInt32(shape.Fields["method"], 16);
        string text = string.Join('\n', s_document);

        Assert.That(shape.Fields["contract"], Is.EqualTo(WireNotation.Quote(ContractBinding<IPeople>.Instance.Name)));
        Assert.That(
            shape.Fields["shape"], Is.EqualTo(WireNotation.Quote(ContractBinding<IPeople>.Instance.GetShape(method))));
        Assert.That(text, Does.Contain("```text\n" + ContractBinding<IPeople>.Instance.GetShape(method) + "\n```"));
    }

    [TestCase(DisposableStub.DisposeId)]
    [TestCase(AsyncDisposableStub.DisposeAsyncId)]
    public void Ids_of_the_runtime_s_own_contracts_are_stated(uint id)
        => Assert.That(string.Join('\n', s_document), Does.Contain($"0x{id:x8}"));

    [Test]
    public void Every_error_kind_stands_in_the_table()
        => Assert.That(
            s_document
                .Select(line => KindRow().Match(line))
                .Where(match => match.Success)
                .Select(match => $"{match.Groups["number"].Value} {match.Groups["name"].Value}"),
            Is.EqualTo(Enum.GetValues<IpcErrorKind>().Select(kind => $"{(int)kind} {kind}")));

    [Test]
    public void Every_flag_stands_in_the_table()
        => Assert.That(
            Enum
                .GetValues<MessageFlags>()
                .Where(flag => flag != MessageFlags.None)
                .Where(
                    flag => !s_document.Any(
                        line => line.StartsWith($"| {flag} | {(int)flag} |", StringComparison.Ordinal))),
            Is.Empty);

    [Test]
    public void Every_exception_that_crosses_whole_is_listed()
    {
        string text = string.Join('\n', s_document);

        Assert.That(
            StandardFaults.All.Select(
                fault => fault.Name[(fault.Name.LastIndexOf('.') + 1)..]).Where(name => !text.Contains(
                    name, StringComparison.Ordinal)),
            Is.Empty);
    }

    private static string? NameOf<T>(uint id) where T : class => ContractBinding<T>.Instance.GetMethodName(id);

    /// <summary>
    /// As a stub of a delegate says: each contract has one of its own, and none is registered. All give the same ids.
    /// </summary>
    private static string? GeneratedNameOf<T>(uint id) where T : Delegate
        => ((IpcStub<T>)Activator.CreateInstance(
            typeof(ICalculator).Assembly.GetTypes().First(type => type.IsSubclassOf(typeof(IpcStub<T>))))!)
            .GetMethodName(id);

    private static string Root()
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "Multiprocess.sln")))
        {
            root = Path.GetDirectoryName(root);
        }

        return root ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }

    [GeneratedRegex(@"^\| [^|]+ \| [^|]+ \| `(?<example>[^|]+)` \| `(?<bytes>[0-9a-f ]+)` \|$")]
    private static partial Regex ValueRow();


    [GeneratedRegex(@"^\| (?<id>0x[0-9a-f]{8}) \| `(?<text>[^`[]+\(.*\):[^`]+)`")]
    private static partial Regex SignatureRow();

    [GeneratedRegex(@"^\| (?<number>\d+) \| (?<name>[A-Z][A-Za-z]+) \| .* \| .* \| .* \|$")]
    private static partial Regex KindRow();
}
