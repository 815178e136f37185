// Shows the document, and lets requests made from the page carry the token of the person who is signed in.
const token = fetch("../session").then((answer) => (answer.ok ? answer.json() : {}));

window.SwaggerUIBundle({
  url: "../openapi.json",
  dom_id: "#api",
  deepLinking: true,
  requestInterceptor: async (request) => {
    if (request.method && request.method !== "GET") {
      request.headers["X-CSRFToken"] = (await token).csrf_token ?? "";
    }
    return request;
  },
});
