// The namespaces of the builders, so that the methods are found where the builders are used.
namespace OpenTelemetry.Trace
{
    /// <summary>Collects the spans of calls between processes.</summary>
    public static class MultiprocessTracerProviderBuilderExtensions
    {
        /// <summary>
        /// Collects the spans in which this process runs calls of its peers, of the
        /// <see cref="System.Diagnostics.ActivitySource"/> <c>Multiprocess</c>. A caller's span goes with each call, so
        /// one trace goes through all processes that collect them.
        /// </summary>
        /// <param name="builder">The builder.</param>
        /// <returns>The same builder.</returns>
        public static TracerProviderBuilder AddMultiprocessInstrumentation(this TracerProviderBuilder builder)
        {
            ArgumentNullException.ThrowIfNull(builder);
            return builder.AddSource("Multiprocess");
        }
    }
}

namespace OpenTelemetry.Metrics
{
    /// <summary>Collects the metrics of calls between processes.</summary>
    public static class MultiprocessMeterProviderBuilderExtensions
    {
        /// <summary>
        /// Collects the instruments of the <see cref="System.Diagnostics.Metrics.Meter"/> <c>Multiprocess</c>: calls
        /// and how long they take, connections, objects, threads, bytes, children.
        /// </summary>
        /// <param name="builder">The builder.</param>
        /// <returns>The same builder.</returns>
        public static MeterProviderBuilder AddMultiprocessInstrumentation(this MeterProviderBuilder builder)
        {
            ArgumentNullException.ThrowIfNull(builder);
            return builder.AddMeter("Multiprocess");
        }
    }
}
