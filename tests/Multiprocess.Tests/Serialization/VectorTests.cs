using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Multiprocess.Buffers;
using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess.Tests.Serialization;

/// <summary>
/// Holds our bytes against those of another implementation: vectors/vectors.py says how values are spelled.
/// </summary>
public sealed class VectorTests
{
    private const string Python = "/usr/bin/python3";

    private static IEnumerable<TestCaseData> Vectors => File.ReadLines(Path.Combine(Folder, "vectors.txt"))
        .Select(line => line.Split('\t'))
        .Select(
            fields => new TestCaseData(fields[1], fields[2]).SetArgDisplayNames(
                $"{fields[0]}, {Shortened(fields[2])}"));

    private static string Folder
    {
        get
        {
            string? root = AppContext.BaseDirectory;
            while (root is not null && !File.Exists(Path.Combine(root, "Multiprocess.sln")))
            {
                root = Path.GetDirectoryName(root);
            }

            return Path.Combine(root!, "tests", "Multiprocess.Tests", "Serialization", "vectors");
        }
    }

    [TestCaseSource(nameof(Vectors))]
    public void Their_bytes_are_read_as_their_value(string hex, string value)
    {
        var reader = new MessagePackReader(Convert.FromHexString(hex));

        JsonNode? found = ReadTagged(ref reader);

        Assert.That(found?.ToJsonString() ?? "null", Is.EqualTo(JsonNode.Parse(value)?.ToJsonString() ?? "null"));
        Assert.That(reader.End, Is.True);
    }

    [TestCaseSource(nameof(Vectors))]
    public void Their_value_is_written_as_their_bytes(string hex, string value)
        => Assert.That(Convert.ToHexString(Encode(JsonNode.Parse(value))), Is.EqualTo(hex).IgnoreCase);

    [Test]
    public void Vector_file_is_what_the_script_prints()
        => Assert.That(
            Run("", Path.Combine(Folder, "vectors.py")),
            Is.EqualTo(File.ReadAllText(Path.Combine(Folder, "vectors.txt"))));

    [Test]
    public void Our_bytes_are_read_there()
    {
        string[] values =
        [
            .. File.ReadLines(Path.Combine(Folder, "vectors.txt"))
                .Select(line => line.Split('\t')[2])
                .Where(value => !value.Contains("f32")),
            $$"""{"str":"{{new string('x', 70_000)}}"}""",
            $$"""{"bin":"{{new string('0', 140_000)}}"}""",
            $$"""{"array":[{{string.Join(',', Enumerable.Repeat("null", 70_000))}}]}""",
        ];
        string[] ours = [.. values.Select(value => Convert.ToHexString(Encode(JsonNode.Parse(value))))];

        string[] found = Run(
            string.Join('\n', ours),
            Path.Combine(Folder, "vectors.py"),
            "--decode").Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.That(found, Is.EqualTo(values));
    }

    private static string Shortened(string text) => text.Length > 40 ? $"{text[..40]}… ({text.Length})" : text;

    private static string Run(string input, params string[] arguments)
    {
        if (!File.Exists(Python))
        {
            Assert.Ignore($"{Python} is not here.");
        }

        if (Start("", ["-c", "import msgpack"]).ExitCode != 0)
        {
            Assert.Ignore("The Python package msgpack is not here (Debian: python3-msgpack).");
        }

        (int exitCode, string output) = Start(input, arguments);
        Assert.That(exitCode, Is.Zero);
        return output;
    }

    private static (int ExitCode, string Output) Start(string input, string[] arguments)
    {
        var start = new ProcessStartInfo(Python, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        if (!process.WaitForExit(TimeSpan.FromSeconds(60)))
        {
            process.Kill();
            Assert.Fail("The script did not end within a minute.");
        }

        _ = errors.Result;
        return (process.ExitCode, output.Result);
    }

    private static byte[] Encode(JsonNode? value)
    {
        using var buffer = new PooledBufferWriter();
        var writer = new MessagePackWriter(buffer);
        WriteTagged(ref writer, value);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteTagged(ref MessagePackWriter writer, JsonNode? value)
    {
        if (value is null)
        {
            writer.WriteNil();
            return;
        }

        if (value is JsonValue)
        {
            writer.Write(value.GetValue<bool>());
            return;
        }

        (string tag, JsonNode? content) = value.AsObject().Single();
        switch (tag)
        {
            case "int" when content!.GetValue<string>().StartsWith('-'):
                writer.Write(long.Parse(content.GetValue<string>(), CultureInfo.InvariantCulture));
                break;
            case "int":
                writer.Write(ulong.Parse(content!.GetValue<string>(), CultureInfo.InvariantCulture));
                break;
            case "f64":
                writer.Write(
                    BitConverter.UInt64BitsToDouble(
                        ulong.Parse(
                            content!.GetValue<string>(), NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
                break;
            case "f32":
                writer.Write(
                    BitConverter.UInt32BitsToSingle(
                        uint.Parse(content!.GetValue<string>(), NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
                break;
            case "str":
                writer.WriteStrict(content!.GetValue<string>());
                break;
            case "bin":
                writer.Write(Convert.FromHexString(content!.GetValue<string>()));
                break;
            case "array":
                writer.WriteArrayHeader(content!.AsArray().Count);
                foreach (JsonNode? element in content.AsArray())
                {
                    WriteTagged(ref writer, element);
                }

                break;
            case "map":
                writer.WriteMapHeader(content!.AsArray().Count);
                foreach (JsonNode? entry in content.AsArray())
                {
                    WriteTagged(ref writer, entry![0]);
                    WriteTagged(ref writer, entry[1]);
                }

                break;
            default:
                writer.WriteExtensionFormat(
                    new ExtensionResult(
                        content![0]!.GetValue<sbyte>(), Convert.FromHexString(content[1]!.GetValue<string>())));
                break;
        }
    }

    private static JsonNode? ReadTagged(ref MessagePackReader reader)
    {
        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Nil:
                reader.ReadNil();
                return null;
            case MessagePackType.Boolean:
                return reader.ReadBoolean();
            case MessagePackType.Integer when reader.NextCode is MessagePackCode.UInt64:
                return Tagged("int", reader.ReadUInt64().ToString(CultureInfo.InvariantCulture));
            case MessagePackType.Integer:
                return Tagged("int", reader.ReadInt64().ToString(CultureInfo.InvariantCulture));
            case MessagePackType.Float when reader.NextCode is MessagePackCode.Float32:
                return Tagged(
                    "f32",
                    BitConverter.SingleToUInt32Bits(reader.ReadSingle()).ToString("x8", CultureInfo.InvariantCulture));
            case MessagePackType.Float:
                return Tagged(
                    "f64",
                    BitConverter.DoubleToUInt64Bits(reader.ReadDouble()).ToString("x16", CultureInfo.InvariantCulture));
            case MessagePackType.String:
                return Tagged("str", reader.ReadStrictString());
            case MessagePackType.Binary:
                return Tagged("bin", Convert.ToHexString(reader.ReadStrictBinary()).ToLowerInvariant());
            case MessagePackType.Array:
                var elements = new JsonArray();
                for (int remaining = reader.ReadArrayHeader(); remaining > 0; remaining--)
                {
                    elements.Add(ReadTagged(ref reader));
                }

                return Tagged("array", elements);
            case MessagePackType.Map:
                var entries = new JsonArray();
                for (int remaining = reader.ReadMapHeader(); remaining > 0; remaining--)
                {
                    JsonNode? key = ReadTagged(ref reader);
                    entries.Add(new JsonArray(key, ReadTagged(ref reader)));
                }

                return Tagged("map", entries);
            default:
                ExtensionResult extension = reader.ReadExtensionFormat();
                return Tagged(
                    "ext",
                    new JsonArray(
                        extension.TypeCode,
                        Convert.ToHexString(
                            System.Buffers.BuffersExtensions.ToArray(extension.Data)).ToLowerInvariant()));
        }
    }

    private static JsonObject Tagged(string tag, JsonNode? content) => new() { [tag] = content };
}
