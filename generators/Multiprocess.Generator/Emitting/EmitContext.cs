using Multiprocess.Generator.Parsing;

namespace Multiprocess.Generator.Emitting;

/// <summary>What the emitters of one file share: where they write, and how the runtime's types are named there.</summary>
internal sealed class EmitContext(bool qualifyRuntimeNames)
{
    /// <summary>Attributes of generated classes: they are plumbing that a debugger steps over and an editor does not offer.</summary>
    private const string Attributes = """
        [global::System.CodeDom.Compiler.GeneratedCode("Multiprocess.Generator", "0.1.0")]
        [global::System.Diagnostics.DebuggerNonUserCode]
        """;

    private const string Hidden = "[global::System.ComponentModel.EditorBrowsable(global::System.ComponentModel.EditorBrowsableState.Never)]";

    public CodeWriter Code { get; } = new();

    public void OpenType(string declaration)
    {
        Code.Write(Attributes);
        if (!declaration.StartsWith("file ", StringComparison.Ordinal))
        {
            Code.Write(Hidden); // What only its file sees is offered nowhere else.
        }

        Code.Open(declaration);
    }

    /// <summary>A runtime type as this file writes it.</summary>
    public string Runtime(string name) => RuntimeNames.Write(name, qualifyRuntimeNames);

    public static string Hex(uint id) => "0x" + id.ToString("X8", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A string as a C# literal.</summary>
    public static string Literal(string text) => Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(text, quote: true);
}
