using System.Text;
using Multiprocess.Generator.Parsing;

namespace Multiprocess.Generator.Tests.Harness;

/// <summary>Stands in for codecs that the runtime does not have yet.</summary>
internal static class Fakes
{
    public static string Source()
    {
        var code = new StringBuilder("#nullable enable\nnamespace Multiprocess.Serialization.Codecs;\nusing System;\n");
        code.Append("""
            public static class Fake
            {
                public static void Skip(this ref MessagePackReader r) { }
                public static string? ReadString(this ref MessagePackReader r) => null;
                public static void WriteNil(this ref MessagePackWriter r) { }
                public static void WriteArrayHeader(this ref MessagePackWriter r, int c) { }
                public static void WriteMapHeader(this ref MessagePackWriter r, int c) { }
                public static void Write(this ref MessagePackWriter r, string? c) { }
            }

            """);
        foreach (var (type, codec) in CodecTable.Known.Append(new("System.Byte[]", "ByteArrayCodec")))
        {
            int tick = type.IndexOf('`');
            int arity = tick < 0 ? 0 : type[tick + 1] - '0';
            string name = tick < 0 ? type : type[..tick];
            bool isOf = codec.EndsWith("OfByteCodec", StringComparison.Ordinal);
            string[] args = [.. Enumerable.Range(0, isOf ? 0 : arity).Select(i => "T" + i)];
            string notNull = string.Concat(args.Take(name.Contains("Dictionary") || name.Contains("SortedList") ? 1 : 0).Select(a => $" where {a} : notnull"));
            string target = $"global::{name}" + (isOf ? "<byte>" : args.Length == 0 ? "" : $"<{string.Join(", ", args)}>");
            Add(code, codec, args, target, notNull);
        }

        Add(code, "EnumCodec", ["E"], "E", " where E : struct, Enum", plain: true);
        Add(code, "NullableCodec", ["T"], "T?", " where T : struct");
        Add(code, "NullableReferenceCodec", ["T"], "T?", " where T : class");
        Add(code, "ReferenceCodec", ["T"], "T?", " where T : class", plain: true);
        Add(code, "NonNullReferenceCodec", ["T"], "T", " where T : class", plain: true);
        Add(code, "ArrayCodec", ["T"], "T[]", "");
        Add(code, "Array2DCodec", ["T"], "T[,]", "");
        Add(code, "Array3DCodec", ["T"], "T[,,]", "");
        Add(code, "Array4DCodec", ["T"], "T[,,,]", "");
        for (int n = 1; n <= 8; n++)
        {
            string[] a = [.. Enumerable.Range(0, n).Select(i => "T" + i)];
            Add(code, "ValueTupleCodec", a, $"global::System.ValueTuple<{string.Join(", ", a)}>", n == 8 ? " where T7 : struct" : "");
            Add(code, "TupleCodec", a, $"global::System.Tuple<{string.Join(", ", a)}>", n == 8 ? " where T7 : notnull" : "");
        }

        return code.ToString();
    }

    private static void Add(StringBuilder code, string codec, string[] args, string target, string constraints, bool plain = false)
    {
        string list = args.Length == 0 ? "" : "<" + string.Join(", ", args.SelectMany(a => plain ? new[] { a } : [a, "C" + a])) + ">";
        string where = constraints + (plain ? "" : string.Concat(args.Select(a => $" where C{a} : struct, IIpcCodec<{a}>")));
        code.AppendLine($"public readonly struct {codec}{list} : IIpcCodec<{target}>{where} {{ public static void Write(ref MessagePackWriter w, {target} v, IpcWriteContext c) {{ }} public static {target} Read(ref MessagePackReader r, IpcReadContext c) => throw new Exception(); }}");
    }
}
