using System.Runtime.CompilerServices;
using MessagePack.Formatters;
using MessagePack.Resolvers;

namespace Multiprocess.Serialization;

/// <summary>The options for formatters of MessagePack-CSharp when the connection's options set none.</summary>
internal static class FormatterOptions
{
    /// <summary>
    /// The package's standard resolver, without code generation at run time where that is not supported, and never the
    /// typeless resolver. Data from a peer is untrusted.
    /// </summary>
    public static MessagePackSerializerOptions Default { get; } =
        new MessagePackSerializerOptions(Resolver()).WithSecurity(MessagePackSecurity.UntrustedData);

    private static IFormatterResolver Resolver()
        => RuntimeFeature.IsDynamicCodeSupported
            ? StandardResolver.Instance
            : CompositeResolver.Create(BuiltinResolver.Instance, AttributeFormatterResolver.Instance);
}
