using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace GameServer.Operations.Http;

/// <summary>Writes answers: JSON, and problem details (RFC 9457) for everything that went wrong.</summary>
internal static class HttpReply
{
    public static Task Json(HttpContext context, int status, Action<Utf8JsonWriter> write) => Send(context, status, "application/json; charset=utf-8", write);

    public static Task Problem(HttpContext context, int status, string detail) => Send(context, status, "application/problem+json; charset=utf-8", json =>
    {
        json.WriteString("type", "about:blank");
        json.WriteString("title", ReasonPhrases.GetReasonPhrase(status));
        json.WriteNumber("status", status);
        json.WriteString("detail", detail);
    });

    public static async Task Bytes(HttpContext context, string contentType, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static Task Send(HttpContext context, int status, string contentType, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        context.Response.StatusCode = status;
        return Bytes(context, contentType, buffer.WrittenMemory);
    }
}
